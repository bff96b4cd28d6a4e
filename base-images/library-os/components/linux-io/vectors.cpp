// readv, writev and their relatives: several buffers in one call.
#include <foundation/vector.hpp>
#include <linux-io/arguments.hpp>
#include <vfs/inode.hpp>

namespace os::linux {

namespace {

constexpr std::size_t k_most_buffers = 1024; // IOV_MAX
constexpr std::size_t k_usual_buffers = 16;  // more than these go on the heap

struct IoVector {
    std::uint64_t base;
    std::uint64_t size;
};
static_assert(sizeof(IoVector) == 16);

// The buffers of one call, checked; Buffer is MutableBytes or Bytes.
template <typename Buffer>
class Buffers {
public:
    Result<void> load(std::uint64_t address, std::uint64_t count);
    Span<const Buffer> view() const { return {data_, count_}; }

private:
    Result<Buffer> checked(const IoVector& vector, std::size_t size);

    Buffer few_[k_usual_buffers];
    Vector<Buffer> many_;
    Buffer* data_ = few_;
    std::size_t count_ = 0;
};

template <>
Result<MutableBytes> Buffers<MutableBytes>::checked(const IoVector& vector, std::size_t size) {
    return memory::AppSpan<std::uint8_t>::writable(vector.base, size);
}

template <>
Result<Bytes> Buffers<Bytes>::checked(const IoVector& vector, std::size_t size) {
    return memory::AppSpan<std::uint8_t>::readable(vector.base, size);
}

template <typename Buffer>
Result<void> Buffers<Buffer>::load(std::uint64_t address, std::uint64_t count) {
    if (count > k_most_buffers)
        return Errno::einval;
    const Span<const IoVector> vectors =
        UNIK_TRY(memory::AppSpan<IoVector>::readable(address, static_cast<std::size_t>(count)));
    if (count > k_usual_buffers) {
        UNIK_TRY(many_.resize(static_cast<std::size_t>(count)));
        data_ = many_.data();
    }
    std::size_t left = k_most_bytes;
    for (const IoVector& in_program : vectors) {
        const IoVector vector = in_program; // once: another thread may change it
        if (static_cast<std::int64_t>(vector.size) < 0)
            return Errno::einval;
        const std::size_t size = vector.size < left ? static_cast<std::size_t>(vector.size) : left;
        data_[count_++] = UNIK_TRY(checked(vector, size));
        left -= size;
    }
    return {};
}

// From the given offset on, buffer by buffer.
template <typename Buffer, typename Transfer>
Result<std::size_t> at_offset(Span<const Buffer> buffers, std::uint64_t offset, Transfer transfer) {
    std::size_t total = 0;
    for (const Buffer& buffer : buffers) {
        if (buffer.empty())
            continue;
        const Result<std::size_t> moved = transfer(buffer, offset + total);
        if (!moved.ok()) {
            if (total > 0)
                break;
            return moved.error();
        }
        total += moved.value();
        if (moved.value() < buffer.size())
            break;
    }
    return total;
}

// An offset of -1 stands for the file's position where the call allows it (preadv2).
constexpr std::int64_t k_current_position = -1;

Result<std::size_t> read_buffers(const SyscallArguments& arguments, std::int64_t offset) {
    const Ref<vfs::File> file = UNIK_TRY(file_argument(arguments, 0));
    if (!file->readable())
        return Errno::ebadf;
    Buffers<MutableBytes> buffers;
    UNIK_TRY(buffers.load(arguments.value[1], arguments.value[2]));
    if (offset == k_current_position)
        return file->read_vector(buffers.view());
    if (offset < 0)
        return Errno::einval;
    return at_offset(
        buffers.view(), static_cast<std::uint64_t>(offset),
        [&](MutableBytes buffer, std::uint64_t at) { return file->read_at(buffer, at); });
}

Result<std::size_t> write_buffers(const SyscallArguments& arguments, std::int64_t offset) {
    const Ref<vfs::File> file = UNIK_TRY(file_argument(arguments, 0));
    if (!file->writable())
        return Errno::ebadf;
    Buffers<Bytes> buffers;
    UNIK_TRY(buffers.load(arguments.value[1], arguments.value[2]));
    if (offset == k_current_position)
        return file->write_vector(buffers.view());
    if (offset < 0)
        return Errno::einval;
    return at_offset(buffers.view(), static_cast<std::uint64_t>(offset),
                     [&](Bytes buffer, std::uint64_t at) { return file->write_at(buffer, at); });
}

// Flags of preadv2 and pwritev2 (linux/fs.h): RWF_HIPRI, RWF_DSYNC and RWF_SYNC ask for nothing
// that memory does not give.
constexpr std::uint32_t k_harmless_flags = 1 | 2 | 4;
constexpr std::uint32_t k_do_not_wait = 8; // RWF_NOWAIT: files in memory never do
constexpr std::uint32_t k_append = 16;     // RWF_APPEND

Result<void> check_flags(const SyscallArguments& arguments) {
    const std::uint32_t flags = arguments.as<std::uint32_t>(5);
    if ((flags & ~(k_harmless_flags | k_do_not_wait | k_append)) != 0)
        return Errno::eopnotsupp;
    if ((flags & k_do_not_wait) != 0 && UNIK_TRY(file_argument(arguments, 0))->inode() == nullptr)
        return Errno::eopnotsupp;
    return {};
}

Result<std::size_t> append_buffers(const SyscallArguments& arguments) {
    const Ref<vfs::File> file = UNIK_TRY(file_argument(arguments, 0));
    if (file->inode() == nullptr)
        return write_buffers(arguments, k_current_position);
    const std::size_t put =
        UNIK_TRY(write_buffers(arguments, static_cast<std::int64_t>(file->inode()->size())));
    if (arguments.as<std::int64_t>(3) == k_current_position)
        UNIK_TRY(file->seek(0, vfs::k_seek_end));
    return put;
}

Result<std::size_t> read_with_flags(const SyscallArguments& arguments) {
    UNIK_TRY(check_flags(arguments));
    return read_buffers(arguments, arguments.as<std::int64_t>(3));
}

Result<std::size_t> write_with_flags(const SyscallArguments& arguments) {
    UNIK_TRY(check_flags(arguments));
    if ((arguments.value[5] & k_append) != 0)
        return append_buffers(arguments);
    return write_buffers(arguments, arguments.as<std::int64_t>(3));
}

// preadv and pwritev have no "current position": -1 is just negative there.
std::int64_t given_offset(const SyscallArguments& arguments) {
    const std::int64_t offset = arguments.as<std::int64_t>(3);
    return offset == k_current_position ? k_current_position - 1 : offset;
}

} // namespace

std::int64_t readv(SyscallArguments& arguments) {
    return reply_waiting(read_buffers(arguments, k_current_position));
}

std::int64_t writev(SyscallArguments& arguments) {
    return reply_waiting(write_buffers(arguments, k_current_position));
}

std::int64_t preadv(SyscallArguments& arguments) {
    return reply_waiting(read_buffers(arguments, given_offset(arguments)));
}

std::int64_t pwritev(SyscallArguments& arguments) {
    return reply_waiting(write_buffers(arguments, given_offset(arguments)));
}

std::int64_t preadv2(SyscallArguments& arguments) {
    return reply_waiting(read_with_flags(arguments));
}

std::int64_t pwritev2(SyscallArguments& arguments) {
    return reply_waiting(write_with_flags(arguments));
}

} // namespace os::linux
