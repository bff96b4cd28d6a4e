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
    std::size_t take(MutableBytes buffer);

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
    PipeEnd(Ref<Pipe> pipe, std::uint32_t flags) : File(flags), pipe_(std::move(pipe)) {}
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
};

class WriteEnd final : public PipeEnd {
public:
    WriteEnd(Ref<Pipe> pipe, std::uint32_t flags);
    ~WriteEnd() override;
    Result<std::size_t> write(Bytes buffer) override;
    Result<std::size_t> write_vector(Span<const Bytes> buffers) override;
    vfs::PollMask poll() override;
    vfs::PollSource* poll_source() override { return &pipe().write_source; }

private:
    Result<void> wait_for_room(std::size_t size);
};

struct PipeEnds {
    Ref<ReadEnd> reader;
    Ref<WriteEnd> writer;
};
Result<PipeEnds> make_pipe(std::uint32_t flags);

} // namespace os::linux
