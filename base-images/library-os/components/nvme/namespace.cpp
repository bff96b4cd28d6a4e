#include "namespace.hpp"

namespace os::nvme {

// NVM Command Set (1.4, clause 6).
Result<void> Namespace::transfer(block::Direction direction, std::uint64_t sector,
                                 MutableBytes buffer) {
    const std::size_t count = buffer.size() / identity_.sector_size;
    if (count == 0 || buffer.size() > most_bytes_)
        return Errno::einval;
    const Opcode opcode = direction == block::Direction::read ? Opcode::read : Opcode::write;
    const std::uint16_t status = UNIK_TRY(controller_.execute(
        *this,
        {.opcode = static_cast<std::uint8_t>(opcode),
         .namespace_id = id_,
         .words = {static_cast<std::uint32_t>(sector), static_cast<std::uint32_t>(sector >> 32),
                   static_cast<std::uint32_t>(count - 1)}},
        buffer));
    if (status == 0)
        return {};
    block::report_failure(*this, direction, sector, count, reason(status));
    return Errno::eio;
}

Result<void> Namespace::flush() {
    const std::uint16_t status = UNIK_TRY(controller_.execute(
        *this, {.opcode = static_cast<std::uint8_t>(Opcode::flush), .namespace_id = id_}, {}));
    if (status == 0)
        return {};
    block::report(*this, "flushing the device's cache failed");
    return Errno::eio;
}

} // namespace os::nvme
