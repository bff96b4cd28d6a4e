// What the containers have in common: they cut the disk into equal blocks and leave out those that
// are zeros. Here is the way through the data of a content in such blocks, and the writing of bytes
// without their zeros.
#pragma once

#include <functional>

#include <disk/content.hpp>
#include <disk/formats.hpp>

namespace unik::disk {

inline constexpr std::uint64_t k_sector = 512;

constexpr std::uint64_t divide_up(std::uint64_t a, std::uint64_t b) {
    return a / b + (a % b != 0);
}

// Precondition: the result fits.
constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t step) {
    return divide_up(value, step) * step;
}

bool all_zeros(ByteSpan bytes);

// Neighbouring blocks that are not zeros. The last block of a disk is filled up with zeros.
struct Run {
    std::uint64_t first = 0; // block
    ByteSpan bytes;          // whole blocks
};

// Calls action for all blocks that are not zeros, in order. Which blocks come together depends on
// the bytes of the disk alone, not on its holes. block: a power of two.
Result<void> for_each_run(Content& content, std::uint64_t block, const WriteOptions& options,
                          const std::function<Result<void>(const Run&)>& action);

// Writes what is not zeros, in pieces of 4 KiB; the rest stays a hole of the file.
Result<void> write_sparse(AtomicFile& file, std::uint64_t offset, ByteSpan bytes);

} // namespace unik::disk
