#include <disk/containers/geometry.hpp>

#include <algorithm>

namespace unik::disk {
namespace {

Geometry with(std::uint64_t sectors, std::uint32_t heads, std::uint32_t per_track,
              std::uint64_t most_cylinders) {
    const std::uint64_t cylinders = std::min(sectors / heads / per_track, most_cylinders);
    return {static_cast<std::uint32_t>(cylinders), heads, per_track};
}

} // namespace

Geometry vhd_geometry(std::uint64_t sectors) {
    constexpr std::uint64_t k_most = 65535ULL * 16 * 255;
    constexpr std::uint64_t k_largest_with_63 = 65535ULL * 16 * 63;
    sectors = std::min(sectors, k_most);
    if (sectors >= k_largest_with_63)
        return with(sectors, 16, 255, 65535);
    std::uint64_t tracks = sectors / 17;
    auto heads = static_cast<std::uint32_t>(std::max<std::uint64_t>((tracks + 1023) / 1024, 4));
    if (tracks < heads * 1024ULL && heads <= 16)
        return with(sectors, heads, 17, 65535);
    tracks = sectors / 31;
    if (tracks < 16 * 1024ULL)
        return with(sectors, 16, 31, 65535);
    return with(sectors, 16, 63, 65535);
}

Geometry ata_geometry(std::uint64_t sectors) {
    return with(sectors, 16, 63, 16383);
}

Geometry scsi_geometry(std::uint64_t sectors) {
    return with(sectors, 255, 63, 65535);
}

} // namespace unik::disk
