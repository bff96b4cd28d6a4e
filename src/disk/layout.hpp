// A disk's content before it has a container: a size and the pieces that are not zeros. Pieces
// refer to bytes that live elsewhere (the kernel) or that the layout itself keeps.
#pragma once

#include <deque>
#include <vector>

#include <support/file.hpp>
#include <support/quantity.hpp>

namespace unik::disk {

struct Extent {
    std::uint64_t offset = 0;
    ByteSpan bytes;
};

class Layout {
public:
    Layout() = default;
    Layout(Layout&&) = default;
    Layout& operator=(Layout&&) = default; // not copied: pieces may point to what it keeps

    Bytes size() const { return size_; }
    void set_size(Bytes size) { size_ = size; }
    // Sorted by offset; they do not overlap.
    const std::vector<Extent>& extents() const { return extents_; }

    // Precondition: behind all pieces added so far.
    void add(std::uint64_t offset, ByteSpan borrowed);
    void add(std::uint64_t offset, ByteVector owned);

    // The bytes from offset on, zeros where there is no piece.
    void read(std::uint64_t offset, std::span<std::uint8_t> out) const;

private:
    Bytes size_;
    std::vector<Extent> extents_;
    std::deque<ByteVector> owned_;
};

} // namespace unik::disk
