// What an open file does where its class says nothing else.
#include <vfs/file.hpp>

#include <foundation/format.hpp>
#include <vfs/stat.hpp>

namespace os::vfs {

File::~File() {
    watchers_.for_each([](FileWatcher& watcher) {
        watcher.unlink();
        watcher.file_closed();
    });
}

void File::drop_descriptor() {
    UNIK_ASSERT(descriptors_ > 0);
    if (--descriptors_ == 0)
        last_descriptor_closed();
}

Result<std::size_t> File::read(MutableBytes) {
    return Errno::einval;
}
Result<std::size_t> File::write(Bytes) {
    return Errno::einval;
}
Result<std::size_t> File::read_at(MutableBytes, std::uint64_t) {
    return Errno::espipe;
}
Result<std::size_t> File::write_at(Bytes, std::uint64_t) {
    return Errno::espipe;
}
Result<std::uint64_t> File::seek(std::int64_t, int) {
    return Errno::espipe;
}

Result<std::size_t> File::read_vector(Span<const MutableBytes> buffers) {
    std::size_t total = 0;
    for (const MutableBytes& buffer : buffers) {
        if (buffer.empty())
            continue;
        const Result<std::size_t> got = read(buffer);
        if (!got.ok()) {
            if (total > 0)
                break;
            return got.error();
        }
        total += got.value();
        // What is there now is enough: the next buffer must not block.
        if (got.value() < buffer.size())
            break;
    }
    return total;
}

Result<std::size_t> File::write_vector(Span<const Bytes> buffers) {
    std::size_t total = 0;
    for (const Bytes& buffer : buffers) {
        if (buffer.empty())
            continue;
        const Result<std::size_t> put = write(buffer);
        if (!put.ok()) {
            if (total > 0)
                break;
            return put.error();
        }
        total += put.value();
        if (put.value() < buffer.size())
            break;
    }
    return total;
}

Result<std::int64_t> File::control(std::uint64_t, std::uint64_t) {
    return Errno::enotty;
}

Result<void> File::status(Stat& out) {
    out = Stat{};
    out.mode = 0600;
    return {};
}

Result<void> File::truncate(std::uint64_t) {
    return Errno::einval;
}
Result<void> File::synchronise() {
    return Errno::einval;
}
Result<std::size_t> File::read_directory(MutableBytes) {
    return Errno::enotdir;
}
Result<Ref<memory::Pager>> File::pager() {
    return Errno::enodev;
}

void File::describe(char* buffer, std::size_t size) {
    format(buffer, size, "anon_inode:[file]");
}

PollMask File::poll() {
    return k_poll_in | k_poll_out;
}

} // namespace os::vfs
