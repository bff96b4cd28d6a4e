// Packing and unpacking the blocks of containers by zlib and zstd. Packing uses all processors; the
// result does not depend on how many there are.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include <support/file.hpp>
#include <support/result.hpp>

namespace unik::disk {

enum class Codec {
    deflate_4k,    // RFC 1951, bare, with qcow2's small window
    deflate_piece, // the same with the full window, without an end: a stream's pieces in a row,
                   // each packed with the one before it in view
    zlib,          // RFC 1950: with a header and a checksum
    zstd,
};

// Packs blocks one after the other; each thread has its own.
class Packer {
public:
    explicit Packer(Codec codec);
    ~Packer();
    Packer(Packer&&) noexcept;
    // Nothing (an empty span) when the result would not be smaller than room. Valid until the next
    // call.
    // before: the bytes before the block, for pieces of a stream.
    ByteSpan pack(ByteSpan block, std::size_t room, ByteSpan before = {});

private:
    struct State;
    std::unique_ptr<State> state_;
};

// Whether packed begins with a stream that unpacks to exactly out.
bool unpack_block(Codec codec, ByteSpan packed, std::span<std::uint8_t> out);

// Calls action(worker, index) for each index below count, on all processors; the caller works too.
// worker is below worker_count().
unsigned worker_count();
void in_parallel(std::size_t count, const std::function<void(unsigned, std::size_t)>& action);

// Gathers blocks, packs them in parallel and hands them on in their order.
class ParallelPacker {
public:
    struct Packed {
        std::uint64_t number; // as given to add()
        ByteSpan block;
        ByteSpan packed; // empty: it does not become smaller
    };
    using Sink = std::function<Result<void>(const Packed&)>;

    // room: a packed block that needs more is handed on unpacked.
    ParallelPacker(Codec codec, std::size_t block, std::size_t room, Sink sink);
    Result<void> add(std::uint64_t number, ByteSpan block);
    // Once, at the end.
    Result<void> finish();
    // What was added last, for who packs a shorter piece behind it.
    ByteSpan view() const { return ByteSpan(blocks_).first(view_); }

private:
    std::vector<Packer> packers_; // by worker
    std::size_t block_;
    std::size_t room_;
    Sink sink_;
    std::vector<std::uint64_t> numbers_;
    ByteVector blocks_; // behind what of the batch before is in view
    std::size_t view_ = 0;
    std::vector<ByteVector> packed_;
};

} // namespace unik::disk
