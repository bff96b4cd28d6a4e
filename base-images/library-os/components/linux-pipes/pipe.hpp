// A pipe as pipe(7) describes it: a byte queue of limited size; writes of at most PIPE_BUF bytes
// are whole or not at all; the end of the file once all writers are gone, EPIPE once all readers
// are.
#pragma once

#include <foundation/own.hpp>
#include <foundation/vector.hpp>
#include <threads/wait_queue.hpp>
#include <vfs/file.hpp>

namespace os::linux {

// A ring of bytes that grows up to its limit as it is used, so that a pipe that carries little
// costs little.
class ByteQueue {
public:
    std::size_t size() const { return size_; }
    std::size_t limit() const { return limit_; }
    std::size_t room() const { return limit_ - size_; }
    // False when more bytes are waiting than that.
    bool set_limit(std::size_t limit);
    // What fits, which is less than asked for when the ring cannot grow.
    std::size_t put(Bytes bytes);
    std::size_t take(MutableBytes buffer) { return drop(peek(buffer)); }
    std::size_t peek(MutableBytes buffer) const; // copies and leaves them there
    std::size_t drop(std::size_t count);

private:
    bool grow(std::size_t wanted);

    Vector<std::uint8_t> ring_;
    std::size_t start_ = 0;
    std::size_t size_ = 0;
    std::size_t limit_ = 65536;
};

class Pipe final : public RefCounted {
public:
    explicit Pipe(std::uint64_t its_number) : number(its_number) {}
    ByteQueue queue;
    unsigned readers = 0;
    unsigned writers = 0;
    threads::WaitQueue waiting_readers;
    threads::WaitQueue waiting_writers;
    vfs::PollSource read_source;
    vfs::PollSource write_source;
    std::uint64_t number; // told by fstat and /proc/self/fd
};

class PipeEnd : public vfs::File {
public:
    enum class Waiting { no, yes };
    enum class Contents { moved, copied };

    PipeEnd(Ref<Pipe> pipe, std::uint32_t flags) : File(flags), pipe_(std::move(pipe)) {}
    bool same_pipe(const PipeEnd& other) const { return pipe_.get() == other.pipe_.get(); }
    Result<void> status(vfs::Stat& out) override;
    Result<std::int64_t> control(std::uint64_t request, std::uint64_t argument) override;
    void describe(char* buffer, std::size_t size) override;

protected:
    Pipe& pipe() const { return *pipe_; }

private:
    Ref<Pipe> pipe_;
};

class ReadEnd final : public PipeEnd {
public:
    ReadEnd(Ref<Pipe> pipe, std::uint32_t flags);
    ~ReadEnd() override;
    Result<std::size_t> read(MutableBytes buffer) override;
    vfs::PollMask poll() override;
    vfs::PollSource* poll_source() override { return &pipe().read_source; }
    const void* class_tag() const override { return &k_tag; }
    // Null when the file is something else.
    static ReadEnd* from(vfs::File& file) {
        return file.class_tag() == &k_tag ? static_cast<ReadEnd*>(&file) : nullptr;
    }
    // False: there is nothing, and nobody writes any more. eagain, eintr.
    Result<bool> wait_for_bytes(Waiting waiting);
    std::size_t size() const { return pipe().queue.size(); }
    std::size_t peek(MutableBytes buffer) const { return pipe().queue.peek(buffer); }
    void drop(std::size_t count); // and tells the writers

private:
    static constexpr char k_tag = 0;
};

class WriteEnd final : public PipeEnd {
public:
    WriteEnd(Ref<Pipe> pipe, std::uint32_t flags);
    ~WriteEnd() override;
    Result<std::size_t> write(Bytes buffer) override;
    Result<std::size_t> write_vector(Span<const Bytes> buffers) override;
    vfs::PollMask poll() override;
    vfs::PollSource* poll_source() override { return &pipe().write_source; }
    const void* class_tag() const override { return &k_tag; }
    static WriteEnd* from(vfs::File& file) {
        return file.class_tag() == &k_tag ? static_cast<WriteEnd*>(&file) : nullptr;
    }
    Result<void> wait_for_room(std::size_t size, Waiting waiting); // epipe, eagain, eintr
    std::size_t room() const { return pipe().queue.room(); }
    Result<std::size_t> put(Bytes bytes); // what fits, at least something; tells the readers

private:
    static constexpr char k_tag = 0;
    Waiting waiting() const { return non_blocking() ? Waiting::no : Waiting::yes; }
};

struct PipeEnds {
    Ref<ReadEnd> reader;
    Ref<WriteEnd> writer;
};
Result<PipeEnds> make_pipe(std::uint32_t flags);

} // namespace os::linux
