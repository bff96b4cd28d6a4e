// Requests and their answers (5.2.6).
#include <arch/paging.hpp>
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

constexpr std::uint16_t k_queue = 0;
constexpr std::uint64_t k_sector_unit = 512;
constexpr std::uint8_t k_device_needs_reset = 64; // 2.1

const char* reason(std::uint8_t status) {
    if (status == k_status_unsupported)
        return "the device does not support it";
    return status == k_status_none ? "the device gave no status"
                                   : "the device reports an I/O error";
}
} // namespace

VirtioBlk::Shared& VirtioBlk::shared(unsigned slot) const {
    return static_cast<Shared*>(arch::physical_pointer(shared_))[slot];
}

void VirtioBlk::interrupt(void* device) {
    static_cast<VirtioBlk*>(device)->collect_.schedule();
}

void VirtioBlk::collect(void* device) {
    auto& self = *static_cast<VirtioBlk*>(device);
    if (self.queue_.entries() == 0) // an interrupt of a device that never came up
        return;
    virtio::Queue::Used used;
    while (self.queue_.take_used(used))
        (void)self.slots_.answer(
            static_cast<unsigned>(static_cast<Shared*>(used.token) - &self.shared(0)));
    if (self.queue_.broken() && !self.slots_.failed())
        self.give_up("the device broke the rules of its queue");
}

void VirtioBlk::configuration_changed(void* device) {
    static_cast<VirtioBlk*>(device)->check_status_.schedule();
}

// A device that was pulled out reads as all ones, this bit too.
void VirtioBlk::check_status(void* device) {
    auto& self = *static_cast<VirtioBlk*>(device);
    if (!self.slots_.failed() && (self.transport_.status() & k_device_needs_reset) != 0)
        self.give_up("the device failed or is gone");
}

void VirtioBlk::give_up(const char* why) {
    block::report(*this, why);
    (void)virtio::reset(transport_); // one that does not even reset is gone
    slots_.fail_all();
}

Result<void> VirtioBlk::submit(unsigned slot, std::uint32_t type, MutableBytes buffer) {
    const PhysAddr at = shared_ + slot * sizeof(Shared);
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
    UNIK_TRY(queue_.add({out, readable}, {in, writable}, &shared(slot)));
    if (queue_.publish() == virtio::Queue::Notify::yes)
        transport_.notify(k_queue);
    return {};
}

Result<std::uint8_t> VirtioBlk::request(std::uint32_t type, std::uint64_t sector,
                                        MutableBytes buffer) {
    const unsigned slot = UNIK_TRY(slots_.take());
    shared(slot) = {{type, 0, sector}, k_status_none, {}};
    const Result<void> submitted = submit(slot, type, buffer);
    if (!submitted.ok()) {
        slots_.give_back(slot);
        return submitted.error();
    }
    const block::RequestSlots::End end = slots_.wait(slot);
    if (end == block::RequestSlots::End::silence)
        give_up("the device does not answer: it is given up");
    const std::uint8_t status = *const_cast<const volatile std::uint8_t*>(&shared(slot).status);
    slots_.give_back(slot);
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
        return slots_.failed() ? Result<void>(Errno::eio) : Result<void>();
    const std::uint8_t status = UNIK_TRY(request(k_type_flush, 0, {}));
    if (status == k_status_ok)
        return {};
    block::report(*this, "flushing the device's cache failed");
    return Errno::eio;
}

} // namespace os::virtio_blk
