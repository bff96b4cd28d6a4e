// VDI, VirtualBox's disk image, version 1.1 (VirtualBox's VDICore.h). Little-endian:
//
//     text | header | block map | blocks
//
// The block map has 32 bits for each block of 1 MiB: its number in the file, or all bits set for
// one that was never written and reads as zeros (all but the lowest: one that was discarded). The
// header names the image, its last change and its parent by UUIDs; a parent means that the image
// holds changes only.
#include <algorithm>
#include <cstddef>
#include <cstring>

#include <fmt/format.h>
#include <vocabulary/endian.hpp>

#include <disk/containers/block_content.hpp>
#include <disk/containers/containers.hpp>
#include <disk/containers/fingerprint.hpp>
#include <disk/containers/geometry.hpp>

namespace unik::disk {
namespace {

using vocabulary::Le32;
using vocabulary::Le64;

struct VdiHeader {
    char text[64];
    Le32 signature;
    Le32 version;
    Le32 header_size; // from here on
    Le32 type;
    Le32 flags;
    char comment[256];
    Le32 map_offset;
    Le32 data_offset;
    Le32 legacy_geometry[3];
    Le32 sector_size;
    Le32 reserved;
    Le64 disk_size;
    Le32 block_size;
    Le32 block_extra; // bytes before each block
    Le32 block_count;
    Le32 allocated;
    Guid image;
    Guid modification;
    Guid parent;
    Guid parent_modification;
    Le32 cylinders;
    Le32 heads;
    Le32 sectors;
    Le32 geometry_sector_size;
};
static_assert(sizeof(VdiHeader) == 0x1d8);

constexpr std::uint32_t k_signature = 0xbeda107f;
constexpr std::uint32_t k_version = 0x00010001;
constexpr std::uint32_t k_dynamic = 1;
constexpr std::uint32_t k_fixed = 2;
constexpr std::uint64_t k_block = 1ULL << 20;
constexpr std::uint32_t k_never_written = 0xffffffff;
constexpr std::uint32_t k_discarded = 0xfffffffe;
constexpr std::uint64_t k_most_blocks = 0xfffffff0;
constexpr std::uint64_t k_map_offset = 512;
constexpr std::string_view k_text = "<<< Oracle VM VirtualBox Disk Image >>>\n";

VdiHeader make_header(std::uint64_t size, std::uint64_t blocks) {
    VdiHeader header{};
    std::copy(k_text.begin(), k_text.end(), header.text);
    header.signature = k_signature;
    header.version = k_version;
    header.header_size = sizeof header - offsetof(VdiHeader, header_size);
    header.type = k_dynamic;
    header.map_offset = k_map_offset;
    header.data_offset =
        static_cast<std::uint32_t>(round_up(k_map_offset + blocks * sizeof(Le32), k_sector));
    header.sector_size = k_sector;
    header.disk_size = size;
    header.block_size = k_block;
    header.block_count = static_cast<std::uint32_t>(blocks);
    const Geometry geometry = ata_geometry(size / k_sector);
    header.cylinders = geometry.cylinders;
    header.heads = geometry.heads;
    header.sectors = geometry.sectors;
    header.geometry_sector_size = k_sector;
    return header;
}

class Vdi : public BlockContent {
public:
    Vdi(ContentPtr file, const VdiHeader& header)
        : BlockContent(std::move(file), Bytes{header.disk_size}, header.block_size),
          data_(header.data_offset), map_(header.map_offset, header.block_count) {}

protected:
    Result<Place> find(std::uint64_t block) override {
        const std::uint32_t entry = UNIK_TRY(map_.at(file(), block));
        if (entry == k_never_written || entry == k_discarded)
            return hole();
        return Place{Place::Kind::stored, data_ + entry * block_size(), 0, 1};
    }

private:
    std::uint64_t data_;
    PagedTable<Le32> map_;
};

Result<void> check_header(const std::string& name, const VdiHeader& header) {
    if (header.version >> 16 != k_version >> 16)
        return unsupported_image(name, fmt::format("expected a VDI of version 1.x, found {}.{}",
                                                   header.version >> 16, header.version & 0xffff));
    if (header.parent != Guid{})
        return unsupported_image(name, "it holds only the changes to another disk",
                                 "clone it in VirtualBox, which puts all into one file");
    if (header.type != k_dynamic && header.type != k_fixed)
        return unsupported_image(name,
                                 fmt::format("expected a dynamic (1) or fixed (2) VDI, found {}",
                                             std::uint32_t{header.type}));
    const std::uint32_t block = header.block_size;
    if (block < 4096 || block > 1U << 30 || (block & (block - 1)) != 0 || header.block_extra != 0)
        return broken_image(name, fmt::format("expected blocks of 1 MiB, found {} and {} bytes "
                                              "before each",
                                              block, std::uint32_t{header.block_extra}));
    if (header.sector_size != k_sector)
        return broken_image(name, fmt::format("expected sectors of 512 bytes, found {}",
                                              std::uint32_t{header.sector_size}));
    if (divide_up(header.disk_size, block) > header.block_count)
        return broken_image(name, fmt::format("expected {} blocks for its disk of {} bytes, found "
                                              "{}",
                                              divide_up(header.disk_size, block),
                                              std::uint64_t{header.disk_size},
                                              std::uint32_t{header.block_count}));
    return {};
}

} // namespace

Result<void> write_vdi(Content& content, const WriteOptions& options, AtomicFile& file) {
    const std::uint64_t size = round_up(content.size().value, k_sector);
    const std::uint64_t blocks = divide_up(size, k_block);
    if (round_up(k_map_offset + blocks * sizeof(Le32), k_sector) > k_most_blocks)
        return make_error("disk-too-large", "a VDI file cannot hold a disk of this size",
                          "write it as raw, qcow2 or vhdx");
    VdiHeader header = make_header(size, blocks);
    std::vector<Le32> map(blocks, Le32(k_never_written));
    std::uint32_t allocated = 0;
    Fingerprint fingerprint;
    UNIK_TRY(for_each_run(content, k_block, options, [&](const Run& run) {
        fingerprint.add(run);
        const std::uint64_t offset = header.data_offset + allocated * k_block;
        for (std::uint64_t i = 0; i < run.bytes.size() / k_block; ++i)
            map[run.first + i] = allocated++;
        return write_sparse(file, offset, run.bytes);
    }));
    header.allocated = allocated;
    header.image = fingerprint.guid("VDI image", Bytes{size});
    header.modification = fingerprint.guid("VDI modification", Bytes{size});
    UNIK_TRY(file.write_at(0, bytes_of(header)));
    UNIK_TRY(file.write_at(k_map_offset, bytes_of(map)));
    return file.resize(Bytes{header.data_offset + allocated * k_block});
}

Result<bool> is_vdi(Content& file) {
    constexpr std::uint64_t k_at = offsetof(VdiHeader, signature);
    return file.size().value >= k_at + sizeof(Le32) &&
           UNIK_TRY(read_object<Le32>(file, k_at)) == k_signature;
}

Result<ContentPtr> open_vdi(ContentPtr file) {
    const auto header = UNIK_TRY(read_object<VdiHeader>(*file, 0));
    if (header.signature != k_signature)
        return broken_image(file->name(), "expected the signature of a VDI file, found another");
    UNIK_TRY(check_header(file->name(), header));
    UNIK_TRY(check_table(*file, "block map", header.map_offset, header.block_count, sizeof(Le32)));
    return ContentPtr(std::make_shared<Vdi>(std::move(file), header));
}

} // namespace unik::disk
