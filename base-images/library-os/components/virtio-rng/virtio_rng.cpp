// The entropy device (Virtual I/O Device 1.2, section 5.4): one queue whose buffers it fills. Some
// bytes are asked for at boot and mixed into the kernel's generator when they come.
#include <arch/paging.hpp>
#include <foundation/own.hpp>
#include <memory/frames.hpp>
#include <random/random.hpp>
#include <threads/timer.hpp>
#include <virtio/queue.hpp>
#include <virtio/transport.hpp>

namespace os::virtio_rng {

Result<void> attach(Device& device);

namespace {
constexpr std::uint16_t k_entries = 4;
constexpr std::uint32_t k_request = 64;       // bytes: twice the generator's key
constexpr std::size_t k_buffer_offset = 2048; // the queue lies before it in the same page

class Source {
public:
    explicit Source(virtio::Transport& transport) : transport_(transport) {}

    Result<void> prepare() {
        if (transport_.queue_limit(0) < k_entries)
            return Errno::enodev;
        page_ = UNIK_TRY(memory::allocate_zeroed_frame());
        UNIK_TRY(queue_.initialise({arch::physical_pointer(page_), page_}, k_entries,
                                   virtio::EventIndex::no));
        UNIK_TRY(transport_.connect_interrupts({&Source::interrupt, [](void*) {}, this}));
        return transport_.enable_queue(
            0, {k_entries, queue_.descriptors(), queue_.available(), queue_.used()});
    }

    Result<void> ask() {
        const virtio::Segment segment{page_ + k_buffer_offset, k_request};
        UNIK_TRY(queue_.add({}, {&segment, 1}, nullptr));
        if (queue_.publish() == virtio::Queue::Notify::yes)
            transport_.notify(0);
        return {};
    }

private:
    static void interrupt(void* source) { static_cast<Source*>(source)->arrived_.schedule(); }

    static void collect(void* argument) {
        auto& source = *static_cast<Source*>(argument);
        auto* bytes =
            static_cast<std::uint8_t*>(arch::physical_pointer(source.page_ + k_buffer_offset));
        virtio::Queue::Used used;
        while (source.queue_.take_used(used)) {
            random::add_entropy({bytes, used.written});
            __builtin_memset(bytes, 0, k_request);
        }
    }

    virtio::Transport& transport_;
    virtio::Queue queue_;
    PhysAddr page_;
    threads::Deferred arrived_{&Source::collect, this};
};
} // namespace

Result<void> attach(Device& device) {
    auto& transport = static_cast<virtio::Transport&>(device);
    UNIK_TRY(virtio::negotiate(transport, 0));
    auto source = UNIK_TRY(try_make<Source>(transport));
    Source& kept = *source.release(); // its interrupt handler stays, whatever comes
    UNIK_TRY(kept.prepare());
    virtio::start_device(transport);
    return kept.ask();
}

} // namespace os::virtio_rng
