// splice, tee and vmsplice: moving bytes between a pipe and something else without the program's
// memory. They go through a buffer of the kernel's. What leaves a pipe stays in it until it has
// been written, so that nothing is lost when the other side takes less or fails.
#include <foundation/vector.hpp>
#include <linux-io/arguments.hpp>
#include <vfs/inode.hpp>

#include "pipe.hpp"

namespace os::linux {

namespace {

constexpr std::uint32_t k_non_blocking = 2; // SPLICE_F_NONBLOCK
constexpr std::uint32_t k_known_flags = 15; // MOVE, NONBLOCK, MORE, GIFT
constexpr std::size_t k_most_buffers = 1024;
constexpr std::size_t k_buffer_size = 65536;

struct IoVector {
    std::uint64_t base;
    std::uint64_t size;
};

std::size_t smaller(std::size_t a, std::size_t b) {
    return a < b ? a : b;
}

PipeEnd::Waiting waiting(const vfs::File& end, std::uint32_t flags) {
    return (flags & k_non_blocking) != 0 || end.non_blocking() ? PipeEnd::Waiting::no
                                                               : PipeEnd::Waiting::yes;
}

// The side that is no pipe: at its own position, or at an offset that the program keeps.
class OtherSide {
public:
    static Result<OtherSide> of(vfs::File& file, std::uint64_t offset_address) {
        OtherSide out(file);
        if (offset_address == 0)
            return out;
        if (file.inode() == nullptr)
            return Errno::einval;
        out.kept_ = UNIK_TRY(memory::AppSpan<std::int64_t>::writable(offset_address, 1)).data();
        if (*out.kept_ < 0)
            return Errno::einval;
        return out;
    }
    Result<std::size_t> read(MutableBytes buffer) {
        return kept_ == nullptr ? file_.read(buffer)
                                : moved(file_.read_at(buffer, static_cast<std::uint64_t>(*kept_)));
    }
    Result<std::size_t> write(Bytes buffer) {
        return kept_ == nullptr ? file_.write(buffer)
                                : moved(file_.write_at(buffer, static_cast<std::uint64_t>(*kept_)));
    }

private:
    explicit OtherSide(vfs::File& file) : file_(file) {}
    Result<std::size_t> moved(Result<std::size_t> result) {
        if (result.ok())
            *kept_ += static_cast<std::int64_t>(result.value());
        return result;
    }

    vfs::File& file_;
    std::int64_t* kept_ = nullptr;
};

Result<Vector<std::uint8_t>> make_buffer(std::size_t size) {
    Vector<std::uint8_t> buffer;
    UNIK_TRY(buffer.resize(smaller(size, k_buffer_size)));
    return buffer;
}

Result<std::size_t> out_of_pipe(ReadEnd& from, OtherSide& to, std::size_t size,
                                PipeEnd::Waiting wait) {
    Vector<std::uint8_t> buffer = UNIK_TRY(make_buffer(size));
    std::size_t done = 0;
    while (done < size) {
        if (done > 0 && from.size() == 0)
            break;
        if (!UNIK_TRY(from.wait_for_bytes(wait)))
            break; // nobody writes any more
        const std::size_t got = from.peek({buffer.data(), smaller(size - done, buffer.size())});
        const Result<std::size_t> put = to.write({buffer.data(), got});
        if (!put.ok())
            return done > 0 ? Result<std::size_t>(done) : put;
        from.drop(put.value());
        done += put.value();
        if (put.value() < got)
            break;
    }
    return done;
}

Result<std::size_t> into_pipe(OtherSide& from, WriteEnd& to, std::size_t size,
                              PipeEnd::Waiting wait) {
    Vector<std::uint8_t> buffer = UNIK_TRY(make_buffer(size));
    UNIK_TRY(to.wait_for_room(1, wait));
    const std::size_t most = smaller(smaller(size, buffer.size()), to.room());
    const std::size_t got = UNIK_TRY(from.read({buffer.data(), most}));
    // Another writer may have been faster; what has been read must go in all the same.
    std::size_t done = 0;
    while (done < got) {
        UNIK_TRY(to.wait_for_room(1, PipeEnd::Waiting::yes));
        done += UNIK_TRY(to.put({buffer.data() + done, got - done}));
    }
    return got;
}

Result<std::size_t> between_pipes(ReadEnd& from, WriteEnd& to, std::size_t size,
                                  PipeEnd::Waiting wait, PipeEnd::Contents contents) {
    if (from.same_pipe(to))
        return Errno::einval;
    Vector<std::uint8_t> buffer = UNIK_TRY(make_buffer(size));
    UNIK_TRY(to.wait_for_room(1, wait));
    if (!UNIK_TRY(from.wait_for_bytes(wait)))
        return std::size_t{0};
    UNIK_TRY(to.wait_for_room(1, wait)); // again: waiting for bytes took its time
    const std::size_t most = smaller(smaller(size, buffer.size()), to.room());
    const std::size_t got = from.peek({buffer.data(), most});
    const std::size_t put = UNIK_TRY(to.put({buffer.data(), got}));
    if (contents == PipeEnd::Contents::moved)
        from.drop(put);
    return put;
}

struct Ends {
    Ref<vfs::File> in;
    Ref<vfs::File> out;
    ReadEnd* reader = nullptr;
    WriteEnd* writer = nullptr;
};

Result<Ends> ends_of(const SyscallArguments& arguments, unsigned in, unsigned out) {
    Ends ends{UNIK_TRY(file_argument(arguments, in)), UNIK_TRY(file_argument(arguments, out))};
    if (!ends.in->readable() || !ends.out->writable())
        return Errno::ebadf;
    ends.reader = ReadEnd::from(*ends.in);
    ends.writer = WriteEnd::from(*ends.out);
    return ends;
}

Result<std::size_t> do_splice(const SyscallArguments& arguments) {
    const auto flags = arguments.as<std::uint32_t>(5);
    const auto size = static_cast<std::size_t>(
        arguments.value[4] < k_most_bytes ? arguments.value[4] : k_most_bytes);
    if (size == 0)
        return std::size_t{0};
    if ((flags & ~k_known_flags) != 0)
        return Errno::einval;
    const Ends ends = UNIK_TRY(ends_of(arguments, 0, 2));
    if (ends.reader == nullptr && ends.writer == nullptr)
        return Errno::einval;
    if ((ends.reader != nullptr && arguments.value[1] != 0) ||
        (ends.writer != nullptr && arguments.value[3] != 0))
        return Errno::espipe;
    if (ends.reader != nullptr && ends.writer != nullptr)
        return between_pipes(*ends.reader, *ends.writer, size, waiting(*ends.in, flags),
                             PipeEnd::Contents::moved);
    if (ends.reader != nullptr) {
        if ((ends.out->flags() & vfs::k_open_append) != 0)
            return Errno::einval;
        OtherSide to = UNIK_TRY(OtherSide::of(*ends.out, arguments.value[3]));
        return out_of_pipe(*ends.reader, to, size, waiting(*ends.in, flags));
    }
    OtherSide from = UNIK_TRY(OtherSide::of(*ends.in, arguments.value[1]));
    return into_pipe(from, *ends.writer, size, waiting(*ends.out, flags));
}

Result<std::size_t> do_tee(const SyscallArguments& arguments) {
    const auto flags = arguments.as<std::uint32_t>(3);
    if ((flags & ~k_known_flags) != 0)
        return Errno::einval;
    if (arguments.value[2] == 0)
        return std::size_t{0};
    const Ends ends = UNIK_TRY(ends_of(arguments, 0, 1));
    if (ends.reader == nullptr || ends.writer == nullptr)
        return Errno::einval;
    const auto size = static_cast<std::size_t>(
        arguments.value[2] < k_most_bytes ? arguments.value[2] : k_most_bytes);
    return between_pipes(*ends.reader, *ends.writer, size, waiting(*ends.in, flags),
                         PipeEnd::Contents::copied);
}

Result<std::size_t> write_buffers(WriteEnd& to, Span<const IoVector> vectors,
                                  PipeEnd::Waiting wait) {
    std::size_t done = 0;
    for (const IoVector& in_program : vectors) {
        const IoVector vector = in_program;
        Bytes left = UNIK_TRY(memory::AppSpan<std::uint8_t>::readable(
            vector.base, static_cast<std::size_t>(smaller(vector.size, k_most_bytes))));
        while (!left.empty()) {
            const Result<void> room = to.wait_for_room(1, wait);
            if (!room.ok())
                return done > 0 ? Result<std::size_t>(done) : room.error();
            const std::size_t put = UNIK_TRY(to.put(left));
            left = left.part(put);
            done += put;
        }
    }
    return done;
}

Result<std::size_t> read_buffers(ReadEnd& from, Span<const IoVector> vectors,
                                 PipeEnd::Waiting wait) {
    std::size_t done = 0;
    for (const IoVector& in_program : vectors) {
        const IoVector vector = in_program;
        const MutableBytes buffer = UNIK_TRY(memory::AppSpan<std::uint8_t>::writable(
            vector.base, static_cast<std::size_t>(smaller(vector.size, k_most_bytes))));
        if (buffer.empty())
            continue;
        if (done > 0 && from.size() == 0)
            break;
        if (!UNIK_TRY(from.wait_for_bytes(wait)))
            break;
        const std::size_t got = from.peek(buffer);
        from.drop(got);
        done += got;
    }
    return done;
}

Result<std::size_t> do_vmsplice(const SyscallArguments& arguments) {
    const auto flags = arguments.as<std::uint32_t>(3);
    if ((flags & ~k_known_flags) != 0 || arguments.value[2] > k_most_buffers)
        return Errno::einval;
    const Ref<vfs::File> file = UNIK_TRY(file_argument(arguments, 0));
    const Span<const IoVector> vectors = UNIK_TRY(memory::AppSpan<IoVector>::readable(
        arguments.value[1], static_cast<std::size_t>(arguments.value[2])));
    if (WriteEnd* writer = WriteEnd::from(*file))
        return write_buffers(*writer, vectors, waiting(*file, flags));
    if (ReadEnd* reader = ReadEnd::from(*file))
        return read_buffers(*reader, vectors, waiting(*file, flags));
    return Errno::ebadf;
}

} // namespace

std::int64_t splice(SyscallArguments& arguments) {
    return reply_waiting(do_splice(arguments));
}

std::int64_t tee(SyscallArguments& arguments) {
    return reply_waiting(do_tee(arguments));
}

std::int64_t vmsplice(SyscallArguments& arguments) {
    return reply_waiting(do_vmsplice(arguments));
}

} // namespace os::linux
