#include <disk/formats.hpp>

#include <array>

namespace unik::disk {
namespace {

constexpr std::array k_formats{
    Format{"raw", &write_raw},
    Format{"qcow2", &write_qcow2},
};

} // namespace

std::span<const Format> formats() {
    return k_formats;
}

// Sparse: what is not written stays a hole.
Result<void> write_raw(const Layout& layout, AtomicFile& file) {
    UNIK_TRY(file.resize(layout.size()));
    for (const Extent& extent : layout.extents())
        UNIK_TRY(file.write_at(extent.offset, extent.bytes));
    return {};
}

} // namespace unik::disk
