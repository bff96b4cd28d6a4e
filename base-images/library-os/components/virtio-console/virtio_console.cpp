// The console device (Virtual I/O Device 1.2, section 5.3), its port 0 alone: what the program and
// the kernel write from then on appears there too, and what is typed there is typed on the console.
//
// A write waits until the device has taken it, as with a serial port. A device that takes nothing
// for a while loses what comes until it takes the last write: nothing may hang for its sake.
#include <arch/cpu.hpp>
#include <arch/paging.hpp>
#include <clock/clock.hpp>
#include <console/console.hpp>
#include <foundation/own.hpp>
#include <memory/frames.hpp>
#include <threads/timer.hpp>
#include <virtio/queue.hpp>
#include <virtio/transport.hpp>

namespace os::virtio_console {

Result<void> attach(Device& device);

namespace {

constexpr std::uint16_t k_receive_queue = 0;
constexpr std::uint16_t k_transmit_queue = 1;
constexpr std::uint16_t k_entries = 4;
// Ring and buffer of a queue share a page.
constexpr std::size_t k_buffer_offset = 1024;
constexpr std::size_t k_buffer_size = k_page_size - k_buffer_offset;
constexpr Nanoseconds k_patience{1'000'000'000};

// A queue and the one buffer that goes through it.
struct Line {
    virtio::Queue queue;
    PhysAddr page;
    bool out = false; // the device has the buffer

    std::uint8_t* buffer() const {
        return static_cast<std::uint8_t*>(arch::physical_pointer(page + k_buffer_offset));
    }
};

class VirtioConsole final : public console::Sink {
public:
    explicit VirtioConsole(virtio::Transport& transport) : transport_(transport) {}

    Result<void> prepare() {
        UNIK_TRY(virtio::negotiate(transport_, 0));
        UNIK_TRY(transport_.connect_interrupts({&VirtioConsole::interrupt, [](void*) {}, this}));
        UNIK_TRY(open(receive_, k_receive_queue));
        UNIK_TRY(open(transmit_, k_transmit_queue));
        transmit_.queue.disable_interrupts();
        virtio::start_device(transport_);
        work_.schedule();
        return {};
    }

    void write(Bytes bytes) override {
        for (; !bytes.empty(); bytes = bytes.part(k_buffer_size)) {
            if (transmit_.out && !is_taken())
                return;
            const Bytes part = bytes.part(0, k_buffer_size);
            __builtin_memcpy(transmit_.buffer(), part.data(), part.size());
            const virtio::Segment segment{transmit_.page + k_buffer_offset,
                                          static_cast<std::uint32_t>(part.size())};
            if (!transmit_.queue.add({&segment, 1}, {}, nullptr).ok())
                return;
            transmit_.out = true;
            publish(transmit_, k_transmit_queue);
            const Nanoseconds end = clock::monotonic() + k_patience;
            while (!is_taken() && clock::monotonic() < end)
                arch::pause();
        }
    }

    void resume_input() override { work_.schedule(); }

private:
    Result<void> open(Line& line, std::uint16_t index) {
        if (transport_.queue_limit(index) < k_entries)
            return Errno::enodev;
        line.page = UNIK_TRY(memory::allocate_zeroed_frame());
        UNIK_TRY(line.queue.initialise({arch::physical_pointer(line.page), line.page}, k_entries,
                                       virtio::EventIndex::no));
        return transport_.enable_queue(index, {k_entries, line.queue.descriptors(),
                                               line.queue.available(), line.queue.used()});
    }

    void publish(Line& line, std::uint16_t index) {
        if (line.queue.publish() == virtio::Queue::Notify::yes)
            transport_.notify(index);
    }

    bool is_taken() {
        virtio::Queue::Used used;
        if (transmit_.queue.take_used(used))
            transmit_.out = false;
        return !transmit_.out;
    }

    static void interrupt(void* console) { static_cast<VirtioConsole*>(console)->work_.schedule(); }

    static void work(void* console) { static_cast<VirtioConsole*>(console)->receive(); }

    // Passes on what came, as far as there is room, and gives the device its buffer back once all
    // of it is gone.
    void receive() {
        const arch::InterruptGuard guard;
        virtio::Queue::Used used;
        if (receive_.out && receive_.queue.take_used(used)) {
            receive_.out = false;
            came_ = {receive_.buffer(), used.written};
        }
        while (!came_.empty()) {
            const Bytes part = came_.part(0, console::input_room());
            if (part.empty())
                return; // until resume_input()
            console::input(part);
            came_ = came_.part(part.size());
        }
        const virtio::Segment segment{receive_.page + k_buffer_offset, k_buffer_size};
        if (receive_.out || !receive_.queue.add({}, {&segment, 1}, nullptr).ok())
            return;
        receive_.out = true;
        publish(receive_, k_receive_queue);
    }

    virtio::Transport& transport_;
    Line receive_;
    Line transmit_;
    Bytes came_; // in the receive buffer, not yet passed on
    threads::Deferred work_{&VirtioConsole::work, this};
};

} // namespace

Result<void> attach(Device& device) {
    auto& transport = static_cast<virtio::Transport&>(device);
    auto made = UNIK_TRY(try_make<VirtioConsole>(transport));
    VirtioConsole& port = *made.release(); // its interrupt handler stays, whatever comes
    const Result<void> prepared = port.prepare();
    if (!prepared.ok()) {
        virtio::fail_device(transport);
        return prepared;
    }
    console::add_sink(port);
    return {};
}

} // namespace os::virtio_console
