#include "pieces.hpp"

namespace os::block {

Piece first_piece(std::uint64_t offset, std::size_t wanted, std::uint32_t sector_size,
                  std::size_t most) {
    Piece piece;
    piece.sector = offset / sector_size;
    piece.skip = static_cast<std::size_t>(offset % sector_size);
    piece.wanted = wanted < most - piece.skip ? wanted : most - piece.skip;
    piece.size = (piece.skip + piece.wanted + sector_size - 1) / sector_size * sector_size;
    return piece;
}

Piece first_whole_piece(std::uint64_t offset, std::size_t wanted, std::uint32_t sector_size,
                        std::size_t most) {
    Piece piece;
    piece.sector = offset / sector_size;
    if (offset % sector_size != 0)
        return piece;
    const std::size_t size = wanted < most ? wanted : most;
    piece.size = size / sector_size * sector_size;
    piece.wanted = piece.size;
    return piece;
}

} // namespace os::block
