#include <disk/containers/vhd.hpp>

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include <disk/containers/blocks.hpp>
#include <disk/containers/containers.hpp>
#include <disk/containers/fingerprint.hpp>
#include <disk/containers/geometry.hpp>

namespace unik::disk {
namespace {

constexpr std::uint64_t k_bitmap = k_vhd_block / k_sector / 8; // one sector

Result<std::uint64_t> size_of(Content& content) {
    const std::uint64_t size = round_up(content.size().value, 1ULL << 20);
    if (size <= k_vhd_largest)
        return size;
    return make_error("disk-too-large",
                      fmt::format("a VHD file holds disks of up to {}, this one has {}",
                                  to_text(Bytes{k_vhd_largest}), to_text(Bytes{size})),
                      "write it as vhdx, raw or qcow2");
}

VhdFooter make_footer(std::uint64_t size, std::uint32_t type, const Fingerprint& fingerprint) {
    const Geometry geometry = vhd_geometry(size / k_sector);
    VhdFooter footer{};
    std::copy_n(k_vhd_footer_cookie, sizeof footer.cookie, footer.cookie);
    footer.features = 2; // reserved, always set
    footer.version = k_vhd_version;
    footer.data_offset = type == k_vhd_fixed ? ~0ULL : sizeof(VhdFooter);
    std::copy_n("win ", sizeof footer.creator, footer.creator);
    footer.creator_version = 0x000a0000;
    std::copy_n("Wi2k", sizeof footer.creator_host, footer.creator_host);
    footer.original_size = size;
    footer.current_size = size;
    footer.cylinders = static_cast<std::uint16_t>(geometry.cylinders);
    footer.heads = static_cast<std::uint8_t>(geometry.heads);
    footer.sectors = static_cast<std::uint8_t>(geometry.sectors);
    footer.type = type;
    footer.id = fingerprint.guid("VHD", Bytes{size});
    footer.checksum = vhd_checksum(bytes_of(footer));
    return footer;
}

} // namespace

std::uint32_t vhd_checksum(ByteSpan bytes) {
    return ~std::accumulate(bytes.begin(), bytes.end(), std::uint32_t{0});
}

Result<void> write_vhd_fixed(Content& content, const WriteOptions& options, AtomicFile& file) {
    constexpr std::uint64_t k_piece = 4096;
    const std::uint64_t size = UNIK_TRY(size_of(content));
    Fingerprint fingerprint;
    UNIK_TRY(for_each_run(content, k_piece, options, [&](const Run& run) {
        fingerprint.add(run);
        return file.write_at(run.first * k_piece, run.bytes);
    }));
    return file.write_at(size, bytes_of(make_footer(size, k_vhd_fixed, fingerprint)));
}

Result<void> write_vhd(Content& content, const WriteOptions& options, AtomicFile& file) {
    const std::uint64_t size = UNIK_TRY(size_of(content));
    const std::uint64_t blocks = divide_up(size, k_vhd_block);
    const std::uint64_t table_offset = sizeof(VhdFooter) + k_vhd_dynamic_header_size;
    // Filled up to a sector with entries that say "not allocated", too.
    std::vector<Be32> table(round_up(blocks, k_sector / sizeof(Be32)), Be32(k_vhd_not_allocated));
    std::uint64_t end = table_offset + table.size() * sizeof(Be32);
    const ByteVector bitmap(k_bitmap, 0xff);
    Fingerprint fingerprint;
    UNIK_TRY(for_each_run(content, k_vhd_block, options, [&](const Run& run) -> Result<void> {
        fingerprint.add(run);
        for (std::uint64_t i = 0; i < run.bytes.size() / k_vhd_block; ++i) {
            table[run.first + i] = static_cast<std::uint32_t>(end / k_sector);
            UNIK_TRY(file.write_at(end, bitmap));
            UNIK_TRY(write_sparse(file, end + k_bitmap,
                                  run.bytes.subspan(i * k_vhd_block, k_vhd_block)));
            end += k_bitmap + k_vhd_block;
        }
        return {};
    }));
    VhdDynamicHeader header{};
    std::copy_n(k_vhd_header_cookie, sizeof header.cookie, header.cookie);
    header.data_offset = ~0ULL;
    header.table_offset = table_offset;
    header.version = k_vhd_version;
    header.table_entries = static_cast<std::uint32_t>(blocks);
    header.block_size = k_vhd_block;
    header.checksum = vhd_checksum(bytes_of(header)); // the rest of its 1024 bytes is zeros
    const VhdFooter footer = make_footer(size, k_vhd_dynamic, fingerprint);
    UNIK_TRY(file.write_at(0, bytes_of(footer)));
    UNIK_TRY(file.write_at(sizeof footer, bytes_of(header)));
    UNIK_TRY(file.write_at(table_offset, bytes_of(table)));
    return file.write_at(end, bytes_of(footer));
}

} // namespace unik::disk
