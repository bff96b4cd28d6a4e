#include <ata/dma_memory.hpp>

#include <arch/paging.hpp>
#include <memory/frames.hpp>

namespace os::ata {

namespace {
constexpr unsigned k_buffer_order = 4;
static_assert(k_page_size << k_buffer_order == k_most_transfer);
} // namespace

Result<void> DmaMemory::reserve() {
    if (addresses_ == Addresses::bits_32 && memory::has_high_frames())
        buffer_ = static_cast<std::uint8_t*>(
            arch::physical_pointer(UNIK_TRY(memory::allocate_low_frames(k_buffer_order))));
    return {};
}

Result<PhysAddr> DmaMemory::prepare(const Command& command, Bytes data) {
    copied_ = false;
    if (data.empty())
        return PhysAddr{};
    const PhysAddr address = memory::physical_address(data.data());
    if (addresses_ == Addresses::bits_64 || address.value + data.size() <= 1ULL << 32)
        return address;
    if (data.size() > k_most_transfer || buffer_ == nullptr)
        return Errno::einval;
    copied_ = true;
    if (command.to_device())
        __builtin_memcpy(buffer_, data.data(), data.size());
    return memory::physical_address(buffer_);
}

void DmaMemory::finish(const Command& command, MutableBytes data) {
    if (copied_ && !command.to_device())
        __builtin_memcpy(data.data(), buffer_, data.size());
}

} // namespace os::ata
