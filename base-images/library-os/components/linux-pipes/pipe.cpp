#include "pipe.hpp"

#include <foundation/format.hpp>
#include <vfs/stat.hpp>

namespace os::linux {

namespace {

constexpr std::size_t k_atomic_write = 4096;       // PIPE_BUF
constexpr std::size_t k_largest_limit = 1048576;   // /proc/sys/fs/pipe-max-size
constexpr std::uint64_t k_ioctl_readable = 0x541b; // FIONREAD
constinit std::uint64_t g_next_number = 1;

} // namespace

Result<void> PipeEnd::status(vfs::Stat& out) {
    out = vfs::Stat{};
    out.mode = vfs::k_mode_fifo | 0600;
    out.inode = pipe_->number;
    return {};
}

void PipeEnd::describe(char* buffer, std::size_t size) {
    format(buffer, size, "pipe:[%lu]", pipe_->number);
}

Result<std::int64_t> PipeEnd::control(std::uint64_t request, std::uint64_t argument) {
    switch (request) {
    case vfs::k_control_pipe_size: return static_cast<std::int64_t>(pipe_->queue.limit());
    case vfs::k_control_set_pipe_size: {
        if (argument > k_largest_limit)
            return static_cast<std::int64_t>(argument) < 0 ? Errno::einval : Errno::eperm;
        std::size_t limit = k_page_size;
        while (limit < argument)
            limit *= 2;
        if (!pipe_->queue.set_limit(limit))
            return Errno::ebusy;
        return static_cast<std::int64_t>(limit);
    }
    case k_ioctl_readable:
        UNIK_TRY(memory::AppSpan<int>::writable(argument, 1))
        [0] = static_cast<int>(pipe_->queue.size());
        return std::int64_t{0};
    default: return Errno::enotty;
    }
}

ReadEnd::ReadEnd(Ref<Pipe> pipe, std::uint32_t flags) : PipeEnd(std::move(pipe), flags) {
    ++this->pipe().readers;
}

ReadEnd::~ReadEnd() {
    if (--pipe().readers > 0)
        return;
    pipe().waiting_writers.wake_all();
    pipe().write_source.notify(vfs::k_poll_out | vfs::k_poll_error);
}

Result<bool> ReadEnd::wait_for_bytes(Waiting waiting) {
    while (pipe().queue.size() == 0) {
        if (pipe().writers == 0)
            return false;
        if (waiting == Waiting::no)
            return Errno::eagain;
        if (pipe().waiting_readers.wait() == threads::WakeReason::interrupted)
            return Errno::eintr;
    }
    return true;
}

void ReadEnd::drop(std::size_t count) {
    const bool was_writable = pipe().queue.room() >= k_atomic_write;
    pipe().queue.drop(count);
    pipe().waiting_writers.wake_all();
    if (!was_writable && pipe().queue.room() >= k_atomic_write)
        pipe().write_source.notify(vfs::k_poll_out);
    if (pipe().queue.size() > 0)
        pipe().waiting_readers.wake_one();
}

Result<std::size_t> ReadEnd::read(MutableBytes buffer) {
    if (buffer.empty())
        return std::size_t{0};
    if (!UNIK_TRY(wait_for_bytes(non_blocking() ? Waiting::no : Waiting::yes)))
        return std::size_t{0};
    const std::size_t got = peek(buffer);
    drop(got);
    return got;
}

vfs::PollMask ReadEnd::poll() {
    return (pipe().queue.size() > 0 ? vfs::k_poll_in : 0) |
           (pipe().writers == 0 ? vfs::k_poll_hang_up : 0);
}

WriteEnd::WriteEnd(Ref<Pipe> pipe, std::uint32_t flags) : PipeEnd(std::move(pipe), flags) {
    ++this->pipe().writers;
}

WriteEnd::~WriteEnd() {
    if (--pipe().writers > 0)
        return;
    pipe().waiting_readers.wake_all();
    pipe().read_source.notify(vfs::k_poll_in | vfs::k_poll_hang_up);
}

Result<void> WriteEnd::wait_for_room(std::size_t size, Waiting waiting) {
    for (;;) {
        if (pipe().readers == 0)
            return Errno::epipe;
        if (pipe().queue.room() >= size)
            return {};
        if (waiting == Waiting::no)
            return Errno::eagain;
        if (pipe().waiting_writers.wait() == threads::WakeReason::interrupted)
            return Errno::eintr;
    }
}

Result<std::size_t> WriteEnd::write(Bytes buffer) {
    std::size_t done = 0;
    while (done < buffer.size()) {
        const Bytes rest = buffer.part(done);
        const Result<void> ready =
            wait_for_room(buffer.size() <= k_atomic_write ? rest.size() : 1, waiting());
        const Result<std::size_t> written = ready.ok() ? put(rest) : ready.error();
        if (!written.ok()) {
            if (done > 0)
                break;
            return written;
        }
        done += written.value();
    }
    return done;
}

Result<std::size_t> WriteEnd::put(Bytes bytes) {
    const std::size_t count = pipe().queue.put(bytes);
    if (count == 0)
        return Errno::enomem;
    pipe().waiting_readers.wake_one();
    pipe().read_source.notify(vfs::k_poll_in);
    return count;
}

// A small vector is one write, and whole; a large one need not be.
Result<std::size_t> WriteEnd::write_vector(Span<const Bytes> buffers) {
    std::size_t total = 0;
    for (const Bytes& buffer : buffers)
        total += buffer.size();
    if (total > 0 && total <= k_atomic_write)
        UNIK_TRY(wait_for_room(total, waiting()));
    return File::write_vector(buffers);
}

vfs::PollMask WriteEnd::poll() {
    return (pipe().queue.room() >= k_atomic_write || pipe().readers == 0 ? vfs::k_poll_out : 0) |
           (pipe().readers == 0 ? vfs::k_poll_error : 0);
}

Result<PipeEnds> make_pipe(std::uint32_t flags) {
    const Ref<Pipe> pipe = UNIK_TRY(try_make_ref<Pipe>(g_next_number++));
    const std::uint32_t kept = flags & vfs::k_open_non_blocking;
    return PipeEnds{UNIK_TRY(try_make_ref<ReadEnd>(pipe, kept)),
                    UNIK_TRY(try_make_ref<WriteEnd>(pipe, kept | vfs::k_open_write_only))};
}

} // namespace os::linux
