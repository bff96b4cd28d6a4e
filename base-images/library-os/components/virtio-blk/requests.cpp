// Requests and their answers (5.2.6).
#include <memory/frames.hpp>

#include "virtio_blk.hpp"

namespace os::virtio_blk {

namespace {
constexpr std::uint32_t k_type_in = 0;
constexpr std::uint32_t k_type_out = 1;
constexpr std::uint32_t k_type_flush = 4;

constexpr std::uint8_t k_status_ok = 0;
constexpr std::uint8_t k_status_unsupported = 2;
constexpr std::uint8_t k_status_none = 0xff; // ours: the device wrote nothing

constexpr std::uint64_t k_sector_unit = 512;

const char* reason(std::uint8_t status) {
    if (status == k_status_unsupported)
        return "the device does not support it";
    return status == k_status_none ? "the device gave no status"
                                   : "the device reports an I/O error";
}
} // namespace

void VirtioBlk::give_up(void* disk, const char* why) {
    auto& self = *static_cast<VirtioBlk*>(disk);
    block::report(self, why);
    self.requests_.stop();
}

Result<void> VirtioBlk::submit(unsigned slot, std::uint32_t type, MutableBytes buffer) {
    const PhysAddr at = requests_.address(slot);
    const virtio::Segment header{at, sizeof(Header)};
    const virtio::Segment status{at + sizeof(Header), 1};
    virtio::Segment out[k_most_segments + 1] = {header};
    virtio::Segment in[k_most_segments + 1];
    const bool to_device = type == k_type_out;
    virtio::Segment* data = to_device ? out + 1 : in;
    std::size_t count = 0;
    for (std::size_t done = 0; done < buffer.size(); done += segment_size_, ++count) {
        const MutableBytes part = buffer.part(done, segment_size_);
        data[count] = {memory::physical_address(part.data()),
                       static_cast<std::uint32_t>(part.size())};
    }
    std::size_t writable = to_device ? 0 : count;
    in[writable++] = status;
    const std::size_t readable = to_device ? count + 1 : 1;
    return requests_.submit(slot, {out, readable}, {in, writable});
}

Result<std::uint8_t> VirtioBlk::request(std::uint32_t type, std::uint64_t sector,
                                        MutableBytes buffer) {
    block::RequestSlots& slots = requests_.slots();
    const unsigned slot = UNIK_TRY(slots.take());
    auto& shared = requests_.memory<Shared>(slot);
    shared = {{type, 0, sector}, k_status_none, {}};
    const Result<void> submitted = submit(slot, type, buffer);
    if (!submitted.ok()) {
        slots.give_back(slot);
        return submitted.error();
    }
    const block::RequestSlots::End end = slots.wait(slot);
    if (end == block::RequestSlots::End::silence)
        give_up(this, "the device does not answer: it is given up");
    const std::uint8_t status = *const_cast<const volatile std::uint8_t*>(&shared.status);
    slots.give_back(slot);
    if (end != block::RequestSlots::End::answered)
        return Errno::eio;
    return status;
}

Result<void> VirtioBlk::transfer(block::Direction direction, std::uint64_t sector,
                                 MutableBytes buffer) {
    const std::uint32_t type = direction == block::Direction::read ? k_type_in : k_type_out;
    const std::uint8_t status =
        UNIK_TRY(request(type, sector * (sector_size_ / k_sector_unit), buffer));
    if (status == k_status_ok)
        return {};
    block::report_failure(*this, direction, sector, buffer.size() / sector_size_, reason(status));
    return Errno::eio;
}

Result<void> VirtioBlk::flush() {
    if (!can_flush_) // then it has no cache that may lose anything
        return requests_.slots().failed() ? Result<void>(Errno::eio) : Result<void>();
    const std::uint8_t status = UNIK_TRY(request(k_type_flush, 0, {}));
    if (status == k_status_ok)
        return {};
    block::report(*this, "flushing the device's cache failed");
    return Errno::eio;
}

} // namespace os::virtio_blk
