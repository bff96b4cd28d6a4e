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

void Layout::read(std::uint64_t offset, std::span<std::uint8_t> out) const {
    std::fill(out.begin(), out.end(), std::uint8_t{0});
    const std::uint64_t end = offset + out.size();
    auto extent = std::partition_point(extents_.begin(), extents_.end(), [&](const Extent& e) {
        return e.offset + e.bytes.size() <= offset;
    });
    for (; extent != extents_.end() && extent->offset < end; ++extent) {
        const std::uint64_t from = std::max(offset, extent->offset);
        const std::uint64_t to = std::min(end, extent->offset + extent->bytes.size());
        const ByteSpan piece = extent->bytes.subspan(from - extent->offset, to - from);
        std::copy(piece.begin(), piece.end(),
                  out.begin() + static_cast<std::ptrdiff_t>(from - offset));
    }
}

} // namespace unik::disk
