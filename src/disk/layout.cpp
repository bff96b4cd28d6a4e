#include <disk/layout.hpp>

#include <algorithm>

namespace unik::disk {

void Layout::add(std::uint64_t offset, ByteSpan borrowed) {
    if (!borrowed.empty())
        extents_.push_back({offset, borrowed});
}

void Layout::add(std::uint64_t offset, ByteVector owned) {
    owned_.push_back(std::move(owned));
    add(offset, ByteSpan(owned_.back()));
}

// The first piece that ends behind the offset.
std::vector<Extent>::const_iterator Layout::first_behind(std::uint64_t offset) const {
    return std::partition_point(extents_.begin(), extents_.end(), [&](const Extent& extent) {
        return extent.offset + extent.bytes.size() <= offset;
    });
}

Result<void> Layout::read(std::uint64_t offset, std::span<std::uint8_t> out) {
    std::fill(out.begin(), out.end(), std::uint8_t{0});
    const std::uint64_t end = offset + out.size();
    for (auto extent = first_behind(offset); extent != extents_.end() && extent->offset < end;
         ++extent) {
        const std::uint64_t from = std::max(offset, extent->offset);
        const std::uint64_t to = std::min(end, extent->offset + extent->bytes.size());
        const ByteSpan piece = extent->bytes.subspan(from - extent->offset, to - from);
        std::copy(piece.begin(), piece.end(),
                  out.begin() + static_cast<std::ptrdiff_t>(from - offset));
    }
    return {};
}

Result<std::optional<Range>> Layout::next_data(std::uint64_t offset) {
    const auto extent = first_behind(offset);
    if (extent == extents_.end() || extent->offset >= size().value)
        return std::optional<Range>();
    const std::uint64_t begin = std::max(offset, extent->offset);
    const std::uint64_t end = std::min(extent->offset + extent->bytes.size(), size().value);
    return std::optional(Range{begin, end - begin});
}

} // namespace unik::disk
