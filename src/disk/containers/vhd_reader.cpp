#include <disk/containers/vhd.hpp>

#include <array>
#include <cstring>

#include <fmt/format.h>

#include <disk/containers/block_content.hpp>
#include <disk/containers/containers.hpp>

namespace unik::disk {
namespace {

class Vhd : public BlockContent {
public:
    Vhd(ContentPtr file, std::uint64_t size, const VhdDynamicHeader& header)
        : BlockContent(std::move(file), Bytes{size}, header.block_size),
          bitmap_(round_up(divide_up(header.block_size / k_sector, 8), k_sector)),
          table_(header.table_offset, header.table_entries) {}

protected:
    Result<Place> find(std::uint64_t block) override {
        const std::uint32_t sector = UNIK_TRY(table_.at(file(), block));
        if (sector == k_vhd_not_allocated)
            return hole();
        return Place{Place::Kind::stored, sector * k_sector + bitmap_, 0, 1};
    }

private:
    std::uint64_t bitmap_;
    PagedTable<Be32> table_;
};

// Virtual PC and whoever imitates it mean the geometry, as long as it is not at its largest.
std::uint64_t disk_size(const VhdFooter& footer) {
    constexpr std::uint64_t k_largest_geometry = 65535ULL * 16 * 255;
    const std::string_view creator(footer.creator, sizeof footer.creator);
    const std::uint64_t sectors = std::uint64_t{footer.cylinders} * footer.heads * footer.sectors;
    const bool by_geometry = creator == "vpc " || creator == "vs  " || creator == "qemu";
    return by_geometry && sectors < k_largest_geometry ? sectors * k_sector
                                                       : std::uint64_t{footer.current_size};
}

Result<VhdFooter> read_footer(Content& file, std::uint64_t offset) {
    const auto footer = UNIK_TRY(read_object<VhdFooter>(file, offset));
    const std::string& name = file.name();
    if (std::memcmp(footer.cookie, k_vhd_footer_cookie, sizeof footer.cookie) != 0)
        return broken_image(name, fmt::format("expected a VHD footer at offset {:#x}, found "
                                              "something else",
                                              offset));
    VhdFooter unsummed = footer;
    unsummed.checksum = 0;
    const std::uint32_t sum = vhd_checksum(bytes_of(unsummed));
    if (sum != footer.checksum)
        return broken_image(name, fmt::format("expected the checksum {:08x} in its footer, found "
                                              "{:08x}",
                                              sum, std::uint32_t{footer.checksum}));
    if (footer.version != k_vhd_version)
        return unsupported_image(name, fmt::format("expected a VHD of version 1.0, found {:#x}",
                                                   std::uint32_t{footer.version}));
    if (footer.type == k_vhd_differencing)
        return unsupported_image(name, "it holds only the changes to another disk",
                                 "merge it with its parent first");
    if (footer.current_size > k_vhd_largest)
        return broken_image(name, fmt::format("expected a disk of up to 2040 GiB, found {} bytes",
                                              std::uint64_t{footer.current_size}));
    return footer;
}

Result<VhdDynamicHeader> read_dynamic_header(Content& file, std::uint64_t offset) {
    const auto header = UNIK_TRY(read_object<VhdDynamicHeader>(file, offset));
    const std::string& name = file.name();
    if (std::memcmp(header.cookie, k_vhd_header_cookie, sizeof header.cookie) != 0)
        return broken_image(name, "expected the header of a dynamic VHD, found something else");
    // Over all 1024 bytes: the reserved ones behind ours are zeros.
    VhdDynamicHeader unsummed = header;
    unsummed.checksum = 0;
    const std::uint32_t sum = vhd_checksum(bytes_of(unsummed));
    if (sum != header.checksum)
        return broken_image(name, fmt::format("expected the checksum {:08x} in its dynamic header, "
                                              "found {:08x}",
                                              sum, std::uint32_t{header.checksum}));
    const std::uint32_t block = header.block_size;
    if (block < k_sector || block > 1U << 30 || (block & (block - 1)) != 0)
        return broken_image(name, fmt::format("expected blocks of a power of two from 512 bytes "
                                              "to 1 GiB, found {}",
                                              block));
    return header;
}

Result<bool> has_cookie(Content& file, std::uint64_t offset) {
    std::array<char, 8> cookie{};
    UNIK_TRY(file.read(offset, {reinterpret_cast<std::uint8_t*>(cookie.data()), cookie.size()}));
    return std::memcmp(cookie.data(), k_vhd_footer_cookie, cookie.size()) == 0;
}

} // namespace

Result<bool> is_vhd(Content& file) {
    return file.size().value >= sizeof(VhdFooter) && UNIK_TRY(has_cookie(file, 0));
}

Result<bool> is_vhd_fixed(Content& file) {
    const std::uint64_t size = file.size().value;
    return size >= sizeof(VhdFooter) && UNIK_TRY(has_cookie(file, size - sizeof(VhdFooter)));
}

Result<ContentPtr> open_vhd(ContentPtr file) {
    const VhdFooter footer = UNIK_TRY(read_footer(*file, 0));
    if (footer.type != k_vhd_dynamic)
        return broken_image(file->name(), fmt::format("expected a dynamic VHD (3), found type {}",
                                                      std::uint32_t{footer.type}));
    const auto header = UNIK_TRY(read_dynamic_header(*file, footer.data_offset));
    const std::uint64_t size = disk_size(footer);
    const std::uint64_t blocks = divide_up(size, header.block_size);
    if (header.table_entries < blocks)
        return broken_image(file->name(),
                            fmt::format("expected {} blocks for its disk of {} bytes, found {}",
                                        blocks, size, std::uint32_t{header.table_entries}));
    UNIK_TRY(check_table(*file, "block allocation table", header.table_offset, header.table_entries,
                         sizeof(Be32)));
    return ContentPtr(std::make_shared<Vhd>(std::move(file), size, header));
}

Result<ContentPtr> open_vhd_fixed(ContentPtr file) {
    if (file->size().value < sizeof(VhdFooter))
        return broken_image(file->name(), "expected a VHD footer of 512 bytes at its end, found a "
                                          "shorter file");
    const std::uint64_t held = file->size().value - sizeof(VhdFooter);
    const VhdFooter footer = UNIK_TRY(read_footer(*file, held));
    if (footer.type != k_vhd_fixed)
        return broken_image(file->name(), fmt::format("expected a fixed VHD (2), found type {}",
                                                      std::uint32_t{footer.type}));
    const std::uint64_t size = disk_size(footer);
    if (size > held)
        return broken_image(
            file->name(),
            fmt::format("expected {} bytes of its disk before the footer, found {}", size, held));
    return part_of(std::move(file), {0, size});
}

} // namespace unik::disk
