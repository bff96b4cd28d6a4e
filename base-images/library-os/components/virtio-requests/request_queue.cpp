#include <virtio-requests/request_queue.hpp>

#include <arch/paging.hpp>
#include <memory/frames.hpp>

namespace os::virtio_requests {

namespace {
constexpr std::uint16_t k_most_entries = 64;      // they fit into a page
constexpr std::uint8_t k_device_needs_reset = 64; // Virtual I/O Device 1.2, section 2.1
} // namespace

Result<void> RequestQueue::prepare() {
    ring_ = UNIK_TRY(memory::allocate_zeroed_frame());
    memory_ = UNIK_TRY(memory::allocate_zeroed_frame());
    return transport_.connect_interrupts(
        {&RequestQueue::interrupt, &RequestQueue::configuration_changed, this});
}

Result<void> RequestQueue::open(unsigned descriptors) {
    const std::uint16_t limit = transport_.queue_limit(shape_.index);
    std::uint16_t entries = k_most_entries;
    while (entries > limit)
        entries /= 2;
    if (entries < descriptors)
        return Errno::enodev;
    const unsigned requests = entries / descriptors;
    const auto places = static_cast<unsigned>(k_page_size / shape_.request_size);
    slots_.set_count(requests < places ? requests : places);
    void* ring = arch::physical_pointer(ring_);
    __builtin_memset(ring, 0, k_page_size);
    queue_ = virtio::Queue();
    UNIK_TRY(queue_.initialise({ring, ring_}, entries, virtio::EventIndex::no));
    return transport_.enable_queue(
        shape_.index, {entries, queue_.descriptors(), queue_.available(), queue_.used()});
}

void RequestQueue::stop() {
    (void)virtio::reset(transport_); // one that does not even reset is gone
    slots_.fail_all();
}

void* RequestQueue::pointer(unsigned slot) const {
    return arch::physical_pointer(address(slot));
}

Result<void> RequestQueue::submit(unsigned slot, Span<const virtio::Segment> readable,
                                  Span<const virtio::Segment> writable) {
    UNIK_TRY(queue_.add(readable, writable, pointer(slot)));
    if (queue_.publish() == virtio::Queue::Notify::yes)
        transport_.notify(shape_.index);
    return {};
}

void RequestQueue::interrupt(void* queue) {
    static_cast<RequestQueue*>(queue)->collect_.schedule();
}

void RequestQueue::collect(void* queue) {
    auto& self = *static_cast<RequestQueue*>(queue);
    if (self.queue_.entries() == 0) // an interrupt of a device that is not up
        return;
    virtio::Queue::Used used;
    while (self.queue_.take_used(used)) {
        const std::ptrdiff_t offset =
            static_cast<std::uint8_t*>(used.token) - static_cast<std::uint8_t*>(self.pointer(0));
        (void)self.slots_.answer(
            static_cast<unsigned>(static_cast<std::size_t>(offset) / self.shape_.request_size));
    }
    if (self.queue_.broken() && !self.slots_.failed())
        self.owner_.give_up(self.owner_.driver, "the device broke the rules of its queue");
}

void RequestQueue::configuration_changed(void* queue) {
    static_cast<RequestQueue*>(queue)->check_status_.schedule();
}

// A device that was pulled out reads as all ones, this bit too.
void RequestQueue::check_status(void* queue) {
    auto& self = *static_cast<RequestQueue*>(queue);
    if (!self.slots_.failed() && (self.transport_.status() & k_device_needs_reset) != 0)
        self.owner_.give_up(self.owner_.driver, "the device failed or is gone");
}

} // namespace os::virtio_requests
