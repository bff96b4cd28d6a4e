#include <disk/containers/vhdx.hpp>

#include <cstring>
#include <optional>

#include <fmt/format.h>

#include <disk/containers/block_content.hpp>
#include <disk/containers/containers.hpp>

namespace unik::disk {
namespace {

constexpr std::size_t k_most_entries = 2047; // of either table, in 64 KiB

struct Region {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

struct Regions {
    Region bat;
    Region metadata;
};

struct Parameters {
    std::uint64_t block = 0;
    std::uint64_t size = 0;
    std::uint64_t logical_sector = 0;
};

class Vhdx : public BlockContent {
public:
    Vhdx(ContentPtr file, const Parameters& parameters, PagedTable<Le64> bat)
        : BlockContent(std::move(file), Bytes{parameters.size}, parameters.block),
          ratio_(vhdx_chunk_ratio(parameters.block, parameters.logical_sector)),
          bat_(std::move(bat)) {}

protected:
    Result<Place> find(std::uint64_t block) override {
        const std::uint64_t entry = UNIK_TRY(bat_.at(file(), block + block / ratio_));
        const std::uint64_t state = entry & k_vhdx_state;
        if (state == k_vhdx_partly_present)
            return broken_image(name(), fmt::format("block {} is partly present, which only disks "
                                                    "with a parent have",
                                                    block));
        if (state != k_vhdx_present)
            return hole(); // not present, undefined, zero or unmapped
        return Place{Place::Kind::stored, entry & ~(k_vhdx_mib - 1), 0, 1};
    }

private:
    std::uint64_t ratio_;
    PagedTable<Le64> bat_;
};

// Whether the checksum in bytes 4 to 7 is right.
bool is_sound(ByteVector bytes) {
    Le32 found;
    std::memcpy(&found, bytes.data() + 4, sizeof found);
    std::fill_n(bytes.begin() + 4, sizeof found, std::uint8_t{0});
    return crc32c(bytes) == found;
}

Result<VhdxHeader> current_header(Content& file) {
    std::optional<VhdxHeader> current;
    for (const std::uint64_t offset : k_vhdx_header_offsets) {
        ByteVector bytes(k_vhdx_header_size);
        UNIK_TRY(read_within(file, offset, bytes));
        VhdxHeader header;
        std::memcpy(&header, bytes.data(), sizeof header);
        if (header.signature != k_vhdx_header_signature || !is_sound(std::move(bytes)))
            continue;
        if (!current || header.sequence > current->sequence)
            current = header;
    }
    if (!current)
        return broken_image(file.name(), "expected a VHDX header with a right checksum at offset "
                                         "0x10000 or 0x20000, found none");
    return *current;
}

Result<void> check_header(const std::string& name, const VhdxHeader& header) {
    if (header.version != 1)
        return unsupported_image(name, fmt::format("expected a VHDX of version 1, found {}",
                                                   std::uint16_t{header.version}));
    if (header.log != Guid{})
        return unsupported_image(name, "its log holds changes that were not played back",
                                 "attach the disk once in Hyper-V, or run 'qemu-img check -r all'");
    return {};
}

Result<Regions> regions_of(const std::string& name, const ByteVector& table,
                           std::uint64_t file_size) {
    VhdxTableHeader header;
    std::memcpy(&header, table.data(), sizeof header);
    if (header.count > k_most_entries)
        return broken_image(name, fmt::format("expected at most {} regions, found {}",
                                              k_most_entries, std::uint32_t{header.count}));
    Regions regions;
    for (std::size_t i = 0; i < header.count; ++i) {
        VhdxRegion entry;
        std::memcpy(&entry, table.data() + sizeof header + i * sizeof entry, sizeof entry);
        Region* known = entry.id == guid(k_vhdx_bat)        ? &regions.bat
                        : entry.id == guid(k_vhdx_metadata) ? &regions.metadata
                                                            : nullptr;
        if (known == nullptr && (entry.required & 1) != 0)
            return unsupported_image(name, "it has a required region that unik does not know");
        if (known == nullptr)
            continue;
        if (entry.offset < k_vhdx_mib || entry.offset % k_vhdx_mib != 0 ||
            entry.offset > file_size || entry.length > file_size - entry.offset)
            return broken_image(name, fmt::format("expected a region within its {} bytes, found "
                                                  "{} at offset {:#x}",
                                                  file_size, std::uint32_t{entry.length},
                                                  std::uint64_t{entry.offset}));
        *known = {entry.offset, entry.length};
    }
    if (regions.bat.offset == 0 || regions.metadata.offset == 0)
        return broken_image(name, "expected a BAT and a metadata region, found only one or none");
    return regions;
}

Result<Regions> read_regions(Content& file) {
    for (const std::uint64_t offset : k_vhdx_region_offsets) {
        ByteVector table(k_vhdx_table_size);
        UNIK_TRY(read_within(file, offset, table));
        Le32 signature;
        std::memcpy(&signature, table.data(), sizeof signature);
        if (signature == k_vhdx_region_signature && is_sound(table))
            return regions_of(file.name(), table, file.size().value);
    }
    return broken_image(file.name(), "expected a region table with a right checksum at offset "
                                     "0x30000 or 0x40000, found none");
}

// The table of the metadata's items, by id.
class Metadata {
public:
    static Result<Metadata> read(Content& file, const Region& region) {
        ByteVector table(k_vhdx_table_size);
        if (region.length < table.size())
            return broken_image(file.name(), "expected a metadata region of at least 64 KiB, found "
                                             "a smaller one");
        UNIK_TRY(read_within(file, region.offset, table));
        VhdxMetadataHeader header;
        std::memcpy(&header, table.data(), sizeof header);
        if (header.signature != k_vhdx_metadata_signature || header.count > k_most_entries)
            return broken_image(file.name(), "expected a metadata table of at most 2047 items, "
                                             "found something else");
        std::vector<VhdxMetadataEntry> entries(header.count);
        for (std::size_t i = 0; i < entries.size(); ++i)
            std::memcpy(&entries[i], table.data() + sizeof header + i * sizeof entries[i],
                        sizeof entries[i]);
        return Metadata(region, std::move(entries));
    }

    template <typename Item>
    Result<Item> item(Content& file, std::string_view id) const {
        for (const VhdxMetadataEntry& entry : entries_) {
            if (entry.id != guid(id) || (entry.flags & k_vhdx_is_user) != 0)
                continue;
            if (entry.length < sizeof(Item) || entry.offset < k_vhdx_table_size ||
                entry.offset > region_.length || entry.length > region_.length - entry.offset)
                break;
            return read_object<Item>(file, region_.offset + entry.offset);
        }
        return broken_image(
            file.name(),
            fmt::format("expected the metadata item {} of {} bytes, found none", id, sizeof(Item)));
    }

private:
    Metadata(const Region& region, std::vector<VhdxMetadataEntry> entries)
        : region_(region), entries_(std::move(entries)) {}
    Region region_;
    std::vector<VhdxMetadataEntry> entries_;
};

Result<Parameters> read_parameters(Content& file, const Region& region) {
    const Metadata metadata = UNIK_TRY(Metadata::read(file, region));
    const auto given = UNIK_TRY(metadata.item<VhdxFileParameters>(file, k_vhdx_file_parameters));
    if ((given.flags & k_vhdx_has_parent) != 0)
        return unsupported_image(file.name(), "it holds only the changes to another disk",
                                 "merge it with its parent first");
    Parameters parameters;
    parameters.block = given.block_size;
    if (parameters.block < k_vhdx_smallest_block || parameters.block > k_vhdx_largest_block ||
        (parameters.block & (parameters.block - 1)) != 0)
        return broken_image(file.name(), fmt::format("expected blocks of a power of two from 1 to "
                                                     "256 MiB, found {}",
                                                     parameters.block));
    parameters.size = UNIK_TRY(metadata.item<Le64>(file, k_vhdx_disk_size));
    if (parameters.size > k_vhdx_largest_disk)
        return broken_image(file.name(), fmt::format("expected a disk of up to 64 TiB, found {} "
                                                     "bytes",
                                                     parameters.size));
    parameters.logical_sector = UNIK_TRY(metadata.item<Le32>(file, k_vhdx_logical_sector));
    if (parameters.logical_sector != 512 && parameters.logical_sector != 4096)
        return broken_image(file.name(), fmt::format("expected sectors of 512 or 4096 bytes, "
                                                     "found {}",
                                                     parameters.logical_sector));
    return parameters;
}

} // namespace

Result<bool> is_vhdx(Content& file) {
    return file.size().value >= sizeof(Le64) &&
           UNIK_TRY(read_object<Le64>(file, 0)) == k_vhdx_signature;
}

Result<ContentPtr> open_vhdx(ContentPtr file) {
    if (!UNIK_TRY(is_vhdx(*file)))
        return broken_image(file->name(), "expected the signature 'vhdxfile', found another");
    UNIK_TRY(check_header(file->name(), UNIK_TRY(current_header(*file))));
    const Regions regions = UNIK_TRY(read_regions(*file));
    const Parameters parameters = UNIK_TRY(read_parameters(*file, regions.metadata));
    const std::uint64_t blocks = divide_up(parameters.size, parameters.block);
    const std::uint64_t ratio = vhdx_chunk_ratio(parameters.block, parameters.logical_sector);
    const std::uint64_t entries = blocks == 0 ? 0 : blocks + (blocks - 1) / ratio;
    if (regions.bat.length / sizeof(Le64) < entries)
        return broken_image(file->name(), fmt::format("expected {} entries in its BAT, found room "
                                                      "for {}",
                                                      entries, regions.bat.length / sizeof(Le64)));
    return ContentPtr(std::make_shared<Vhdx>(std::move(file), parameters,
                                             PagedTable<Le64>(regions.bat.offset, entries)));
}

} // namespace unik::disk
