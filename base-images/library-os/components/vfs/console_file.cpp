// Console input arrives in interrupt context: bytes go into a ring, and readers and pollers are
// told at the next safe point. While the ring is full the sender waits. Carriage returns, which
// terminals send, become line feeds; an end-of-transmission character (Ctrl-D) at the beginning of
// a line is the end of the file, once.
#include <vfs/console_file.hpp>

#include <arch/cpu.hpp>
#include <foundation/format.hpp>
#include <foundation/immortal.hpp>
#include <threads/timer.hpp>
#include <threads/wait_queue.hpp>
#include <vfs/file_table.hpp>
#include <vfs/stat.hpp>

namespace os::vfs {

namespace {

constexpr std::size_t k_ring_size = 4096;
constexpr std::uint8_t k_end_of_transmission = 4;

struct Input {
    std::uint8_t ring[k_ring_size] = {};
    std::size_t written = 0; // running counts; the interrupt handler alone moves this one
    std::size_t consumed = 0;
    bool within_line = false; // all zero at first, so that the ring takes no room in the image
    bool listening = false;
    bool sender_waits = false;
    threads::WaitQueue readers;
    PollSource source;

    bool empty() const { return written == consumed; }
};

constinit Immortal<Input> g_input;

void tell_readers(void*) {
    g_input->readers.wake_all();
    g_input->source.notify(k_poll_in);
}

constinit Immortal<threads::Deferred> g_tell_readers(tell_readers, nullptr);

std::size_t room() {
    Input& input = *g_input;
    const std::size_t free = k_ring_size - (input.written - input.consumed);
    input.sender_waits = free == 0;
    return free;
}

// Precondition: there is room.
void take_input(Bytes bytes) {
    Input& input = *g_input;
    for (const std::uint8_t byte : bytes) {
        input.ring[input.written % k_ring_size] = byte == '\r' ? '\n' : byte;
        ++input.written;
    }
    g_tell_readers->schedule();
}

// Under InterruptGuard.
std::size_t take_line(MutableBytes buffer) {
    Input& input = *g_input;
    std::size_t got = 0;
    while (got < buffer.size() && !input.empty()) {
        const std::uint8_t byte = input.ring[input.consumed % k_ring_size];
        if (byte == k_end_of_transmission && !input.within_line) {
            if (got == 0)
                ++input.consumed;
            break;
        }
        ++input.consumed;
        input.within_line = byte != '\n';
        buffer[got++] = byte;
    }
    if (input.sender_waits && got > 0) {
        input.sender_waits = false;
        console::resume_input();
    }
    return got;
}

class ConsoleFile final : public File {
public:
    ConsoleFile(console::Stream stream, std::uint32_t flags) : File(flags), stream_(stream) {}

    Result<std::size_t> read(MutableBytes buffer) override;
    Result<std::size_t> write(Bytes buffer) override;
    Result<void> status(Stat& out) override;
    Result<void> synchronise() override { return {}; }
    void describe(char* buffer, std::size_t size) override { format(buffer, size, "/dev/console"); }
    PollMask poll() override;
    PollSource* poll_source() override { return &g_input->source; }

private:
    console::Stream stream_;
};

Result<std::size_t> ConsoleFile::read(MutableBytes buffer) {
    if (buffer.empty())
        return std::size_t{0};
    arch::InterruptGuard guard;
    while (g_input->empty()) {
        if (non_blocking())
            return Errno::eagain;
        if (g_input->readers.wait() == threads::WakeReason::interrupted)
            return Errno::eintr;
    }
    return take_line(buffer);
}

Result<std::size_t> ConsoleFile::write(Bytes buffer) {
    console::write(stream_, buffer);
    return buffer.size();
}

Result<void> ConsoleFile::status(Stat& out) {
    out = Stat{};
    out.mode = k_mode_character | 0620;
    out.special_device = device_number(5, 1);
    out.inode = 1;
    return {};
}

PollMask ConsoleFile::poll() {
    return k_poll_out | (g_input->empty() ? 0 : k_poll_in);
}

} // namespace

Result<Ref<File>> open_console(console::Stream stream, std::uint32_t flags) {
    if (!g_input->listening) {
        g_input->listening = true;
        console::set_input_handler(take_input, room);
    }
    return Ref<File>(UNIK_TRY(try_make_ref<ConsoleFile>(stream, flags)));
}

Result<void> install_standard_descriptors() {
    const struct {
        console::Stream stream;
        std::uint32_t flags;
    } descriptors[] = {{console::Stream::output, 0},
                       {console::Stream::output, k_open_write_only},
                       {console::Stream::error, k_open_write_only}};
    for (const auto& [stream, flags] : descriptors) {
        Ref<File> file = UNIK_TRY(open_console(stream, flags));
        UNIK_TRY(install(std::move(file)));
    }
    return {};
}

} // namespace os::vfs
