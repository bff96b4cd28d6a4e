// A disk's content before it has a container: a size and the pieces that are not zeros. Pieces
// refer to bytes that live elsewhere (the kernel) or that the layout itself keeps.
#pragma once

#include <deque>
#include <vector>

#include <disk/content.hpp>

namespace unik::disk {

struct Extent {
    std::uint64_t offset = 0;
    ByteSpan bytes;
};

class Layout : public Content {
public:
    explicit Layout(Bytes size = {}) : Content("disk", size) {}

    void set_size(Bytes size) { set_content_size(size); }
    // Sorted by offset; they do not overlap.
    const std::vector<Extent>& extents() const { return extents_; }

    // Precondition: behind all pieces added so far.
    void add(std::uint64_t offset, ByteSpan borrowed);
    void add(std::uint64_t offset, ByteVector owned);

    Result<void> read(std::uint64_t offset, std::span<std::uint8_t> out) override;
    Result<std::optional<Range>> next_data(std::uint64_t offset) override;

private:
    std::vector<Extent>::const_iterator first_behind(std::uint64_t offset) const;

    std::vector<Extent> extents_;
    std::deque<ByteVector> owned_;
};

} // namespace unik::disk
