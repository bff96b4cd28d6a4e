// How a run of bytes is cut into transfers of whole sectors.
#pragma once

#include <cstddef>
#include <cstdint>

namespace os::block {

struct Piece {
    std::uint64_t sector = 0; // the first
    std::size_t size = 0;     // of the transfer: whole sectors
    std::size_t skip = 0;     // bytes before the first that is wanted
    std::size_t wanted = 0;   // bytes, at least one
    // Nothing but whole sectors is wanted.
    bool whole() const { return wanted == size; }
};

// The first transfer for `wanted` > 0 bytes from `offset` on, at most `most` bytes long (a multiple
// of the sector size).
Piece first_piece(std::uint64_t offset, std::size_t wanted, std::uint32_t sector_size,
                  std::size_t most);

// A piece of whole sectors and nothing else where there is one: the part up to a partial last
// sector. Its size is 0 when the first sector is partial.
Piece first_whole_piece(std::uint64_t offset, std::size_t wanted, std::uint32_t sector_size,
                        std::size_t most);

} // namespace os::block
