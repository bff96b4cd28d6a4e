// Copying between open files inside the kernel, through a buffer of some pages.
#include <foundation/vector.hpp>
#include <linux-io/arguments.hpp>
#include <vfs/inode.hpp>

namespace os::linux {

namespace {

constexpr std::size_t k_buffer_size = 65536;
constexpr std::size_t k_small_buffer_size = 4096; // when memory is short

// Where one side reads or writes: at its own position, or at an offset that the program keeps.
class Side {
public:
    explicit Side(Ref<vfs::File> file) : file_(std::move(file)) {}
    Result<void> use_offset(std::uint64_t address) {
        if (address == 0)
            return {};
        kept_ = UNIK_TRY(memory::AppSpan<std::int64_t>::writable(address, 1)).data();
        offset_ = *kept_;
        return offset_ < 0 ? Errno::einval : Result<void>();
    }
    Result<std::size_t> read(MutableBytes buffer) {
        return kept_ == nullptr ? file_->read(buffer)
                                : file_->read_at(buffer, static_cast<std::uint64_t>(offset_));
    }
    Result<std::size_t> write(Bytes buffer) {
        return kept_ == nullptr ? file_->write(buffer)
                                : file_->write_at(buffer, static_cast<std::uint64_t>(offset_));
    }
    void advance(std::size_t count) { offset_ += static_cast<std::int64_t>(count); }
    // What was read and could not be written is read again the next time.
    void step_back(std::size_t count) {
        if (kept_ == nullptr && count > 0)
            (void)file_->seek(-static_cast<std::int64_t>(count), vfs::k_seek_current);
    }
    void store_offset() const {
        if (kept_ != nullptr)
            *kept_ = offset_;
    }
    Result<std::uint64_t> start() const {
        return kept_ == nullptr ? file_->seek(0, vfs::k_seek_current)
                                : Result<std::uint64_t>(static_cast<std::uint64_t>(offset_));
    }
    vfs::File& file() const { return *file_; }

private:
    Ref<vfs::File> file_;
    std::int64_t* kept_ = nullptr;
    std::int64_t offset_ = 0;
};

Result<std::size_t> copy(Side& from, Side& to, std::size_t size) {
    Vector<std::uint8_t> buffer;
    const std::size_t usual = size < k_buffer_size ? size : k_buffer_size;
    if (!buffer.resize(usual).ok())
        UNIK_TRY(buffer.resize(k_small_buffer_size));
    std::size_t done = 0;
    while (done < size) {
        const std::size_t left = size - done;
        const Result<std::size_t> got =
            from.read({buffer.data(), left < buffer.size() ? left : buffer.size()});
        if (!got.ok()) {
            if (done > 0)
                break;
            return got.error();
        }
        if (got.value() == 0)
            break;
        const Result<std::size_t> put = to.write({buffer.data(), got.value()});
        const std::size_t written = put.ok() ? put.value() : 0;
        from.step_back(got.value() - written);
        from.advance(written);
        to.advance(written);
        done += written;
        if (!put.ok() && done == 0)
            return put.error();
        if (written < got.value())
            break;
    }
    from.store_offset();
    to.store_offset();
    return done;
}

std::size_t clamped(std::uint64_t size) {
    return size < k_most_bytes ? static_cast<std::size_t>(size) : k_most_bytes;
}

Result<std::size_t> send_file(const SyscallArguments& arguments) {
    Side to(UNIK_TRY(file_argument(arguments, 0)));
    Side from(UNIK_TRY(file_argument(arguments, 1)));
    if (!from.file().readable() || !to.file().writable())
        return Errno::ebadf;
    // As on Linux, the source is a file, whose bytes can be read again.
    if (from.file().inode() == nullptr || (to.file().flags() & vfs::k_open_append) != 0)
        return Errno::einval;
    UNIK_TRY(from.use_offset(arguments.value[2]));
    return copy(from, to, clamped(arguments.value[3]));
}

// How much of `size` there is to copy within one file, which must not grow underneath; einval where
// the ranges overlap.
Result<std::size_t> apart(const Side& from, const Side& to, std::size_t size) {
    const std::uint64_t source = UNIK_TRY(from.start());
    const std::uint64_t target = UNIK_TRY(to.start());
    const std::uint64_t end = from.file().inode()->size();
    if (source >= end)
        return std::size_t{0};
    const std::size_t count = size < end - source ? size : static_cast<std::size_t>(end - source);
    if (source < target + count && target < source + count)
        return Errno::einval;
    return count;
}

Result<std::size_t> copy_range(const SyscallArguments& arguments) {
    Side from(UNIK_TRY(file_argument(arguments, 0)));
    Side to(UNIK_TRY(file_argument(arguments, 2)));
    if (arguments.value[5] != 0)
        return Errno::einval;
    if (!from.file().readable() || !to.file().writable() ||
        (to.file().flags() & vfs::k_open_append) != 0)
        return Errno::ebadf;
    vfs::Inode* source = from.file().inode();
    vfs::Inode* target = to.file().inode();
    if (source != nullptr && target != nullptr &&
        (source->is_directory() || target->is_directory()))
        return Errno::eisdir;
    if (source == nullptr || target == nullptr || !source->is_regular() || !target->is_regular())
        return Errno::einval;
    UNIK_TRY(from.use_offset(arguments.value[1]));
    UNIK_TRY(to.use_offset(arguments.value[3]));
    std::size_t size = clamped(arguments.value[4]);
    if (source == target)
        size = UNIK_TRY(apart(from, to, size));
    return copy(from, to, size);
}

} // namespace

std::int64_t sendfile(SyscallArguments& arguments) {
    return reply_waiting(send_file(arguments));
}

std::int64_t copy_file_range(SyscallArguments& arguments) {
    return reply_waiting(copy_range(arguments));
}

} // namespace os::linux
