#include <disk/containers/vmdk.hpp>

#include <cstring>

#include <fmt/format.h>

#include <disk/containers/block_content.hpp>
#include <disk/containers/codec.hpp>
#include <disk/containers/containers.hpp>

namespace unik::disk {
namespace {

constexpr std::uint64_t k_most_sectors = 1ULL << 41;
constexpr std::string_view k_text_magic = "# Disk DescriptorFile";
constexpr std::string_view k_rewrite = "'qemu-img convert -O vmdk' writes it as one file";

class Vmdk : public BlockContent {
public:
    Vmdk(ContentPtr file, const VmdkHeader& header)
        : BlockContent(std::move(file), Bytes{header.capacity * k_sector},
                       header.grain_size * k_sector),
          flags_(header.flags), table_entries_(header.table_entries),
          directory_(header.directory * k_sector,
                     divide_up(divide_up(header.capacity, header.grain_size), table_entries_)) {}

protected:
    Result<Place> find(std::uint64_t block) override;
    Result<void> unpack(std::uint64_t block, ByteSpan packed, std::span<std::uint8_t> out) override;

private:
    std::uint32_t flags_;
    std::uint32_t table_entries_;
    PagedTable<Le32> directory_;
    PagedTable<Le32> table_; // of table_slot_
    std::uint64_t table_slot_ = ~0ULL;
};

Result<Place> Vmdk::find(std::uint64_t block) {
    const std::uint64_t slot = block / table_entries_;
    if (slot != table_slot_) {
        const std::uint64_t sector = UNIK_TRY(directory_.at(file(), slot));
        if (sector == 0)
            return hole(table_entries_ - block % table_entries_);
        UNIK_TRY(
            check_table(file(), "grain table", sector * k_sector, table_entries_, sizeof(Le32)));
        table_ = PagedTable<Le32>(sector * k_sector, table_entries_);
        table_slot_ = slot;
    }
    const std::uint64_t sector = UNIK_TRY(table_.at(file(), block % table_entries_));
    if (sector == 0 || (sector == 1 && (flags_ & k_vmdk_zeroed_grains) != 0))
        return hole();
    const std::uint64_t offset = sector * k_sector;
    if ((flags_ & k_vmdk_packed) == 0)
        return Place{Place::Kind::stored, offset, 0, 1};
    std::uint64_t length = 0;
    if ((flags_ & k_vmdk_markers) != 0) {
        const auto marker = UNIK_TRY(read_object<VmdkGrainMarker>(file(), offset));
        if (marker.sector != block * (block_size() / k_sector))
            return broken_image(name(), fmt::format("expected the grain of sector {} at offset "
                                                    "{:#x}, found that of sector {}",
                                                    block * (block_size() / k_sector), offset,
                                                    std::uint64_t{marker.sector}));
        length = marker.size;
        return Place{Place::Kind::packed, offset + sizeof marker, length, 1};
    }
    length = UNIK_TRY(read_object<Le32>(file(), offset));
    return Place{Place::Kind::packed, offset + sizeof(Le32), length, 1};
}

Result<void> Vmdk::unpack(std::uint64_t block, ByteSpan packed, std::span<std::uint8_t> out) {
    if (unpack_block(Codec::zlib, packed, out))
        return {};
    // The last grain may be packed as long as the disk has it.
    const std::uint64_t left = size().value - block * block_size();
    if (left < out.size() && unpack_block(Codec::zlib, packed, out.first(left))) {
        std::fill(out.begin() + static_cast<std::ptrdiff_t>(left), out.end(), std::uint8_t{0});
        return {};
    }
    return broken_image(
        name(), fmt::format("expected {} bytes packed by zlib in grain {}, found something else",
                            out.size(), block));
}

Result<void> check_header(const std::string& name, const VmdkHeader& header) {
    if (header.magic != k_vmdk_magic)
        return broken_image(name, "expected the signature 'KDMV' of a VMDK header or footer, found "
                                  "another");
    if (header.version < 1 || header.version > 3)
        return unsupported_image(name, fmt::format("expected a VMDK of version 1 to 3, found {}",
                                                   std::uint32_t{header.version}));
    if ((header.flags & k_vmdk_check_line_ends) != 0 &&
        std::memcmp(header.line_ends, k_vmdk_line_ends, sizeof header.line_ends) != 0)
        return broken_image(name, "its line ends were changed: it was transferred as text");
    const std::uint64_t grain = header.grain_size;
    if (grain < 8 || grain > 16384 || (grain & (grain - 1)) != 0)
        return broken_image(name, fmt::format("expected grains of 8 to 16384 sectors, a power of "
                                              "two, found {}",
                                              grain));
    if (header.table_entries == 0 || header.table_entries > 65536)
        return broken_image(name, fmt::format("expected 512 entries in a grain table, found {}",
                                              std::uint32_t{header.table_entries}));
    if (header.capacity > k_most_sectors)
        return broken_image(name, "its disk is larger than 1 PiB");
    const std::uint16_t compression = header.compression;
    const bool packed = (header.flags & k_vmdk_packed) != 0;
    if (packed ? compression != k_vmdk_deflate : compression != 0)
        return unsupported_image(
            name, fmt::format("its grains are packed by the unknown method {}", compression));
    return {};
}

// Keys of the embedded descriptor that change what the data means.
Result<void> check_descriptor(Content& file, const VmdkHeader& header) {
    constexpr std::uint64_t k_most = 64;
    if (header.descriptor_offset == 0)
        return unsupported_image(file.name(), "its descriptor is another file",
                                 std::string(k_rewrite));
    UNIK_TRY(check_table(file, "descriptor", k_sector, header.descriptor_offset, k_sector));
    std::string text(std::min<std::uint64_t>(header.descriptor_size, k_most) * k_sector, '\0');
    UNIK_TRY(read_within(file, header.descriptor_offset * k_sector,
                         {reinterpret_cast<std::uint8_t*>(text.data()), text.size()}));
    text.resize(::strnlen(text.data(), text.size()));
    if (!text.starts_with(k_text_magic))
        return broken_image(file.name(), "expected its descriptor behind the header, found "
                                         "something else");
    const std::size_t parent = text.find("parentCID=");
    if (parent != std::string::npos && text.compare(parent + 10, 8, "ffffffff") != 0)
        return unsupported_image(file.name(), "it holds only the changes to another disk",
                                 std::string(k_rewrite));
    for (const std::string_view type : {"monolithicSparse", "streamOptimized"})
        if (text.find("createType=\"" + std::string(type) + '"') != std::string::npos)
            return {};
    return unsupported_image(file.name(),
                             "expected the type monolithicSparse or streamOptimized, found another",
                             std::string(k_rewrite));
}

} // namespace

Result<bool> is_vmdk(Content& file) {
    std::array<char, k_text_magic.size()> begin{};
    if (file.size().value < begin.size())
        return false;
    UNIK_TRY(file.read(0, {reinterpret_cast<std::uint8_t*>(begin.data()), begin.size()}));
    return std::string_view(begin.data(), 4) == "KDMV" ||
           std::string_view(begin.data(), 4) == "COWD" ||
           std::string_view(begin.data(), begin.size()) == k_text_magic;
}

Result<bool> is_vmdk_stream(Content& file) {
    if (file.size().value < sizeof(VmdkHeader))
        return false;
    const auto header = UNIK_TRY(read_object<VmdkHeader>(file, 0));
    return header.magic == k_vmdk_magic && (header.flags & k_vmdk_markers) != 0;
}

Result<ContentPtr> open_vmdk(ContentPtr file) {
    std::array<char, 4> magic{};
    UNIK_TRY(read_within(*file, 0, {reinterpret_cast<std::uint8_t*>(magic.data()), magic.size()}));
    if (magic[0] == '#')
        return unsupported_image(file->name(), "it is the description of disks in other files",
                                 std::string(k_rewrite));
    if (magic[0] == 'C')
        return unsupported_image(file->name(), "it is an extent of an ESX disk (COWD)",
                                 std::string(k_rewrite));
    auto header = UNIK_TRY(read_object<VmdkHeader>(*file, 0));
    UNIK_TRY(check_header(file->name(), header));
    UNIK_TRY(check_descriptor(*file, header));
    if (header.directory == k_vmdk_directory_at_end) {
        // Footer and end-of-stream marker are the last two sectors.
        constexpr std::uint64_t k_from_end = 2 * k_sector;
        const std::uint64_t size = file->size().value / k_sector * k_sector;
        if (size < k_from_end + k_sector)
            return broken_image(file->name(), "expected a footer, found the end of the file");
        header = UNIK_TRY(read_object<VmdkHeader>(*file, size - k_from_end));
        UNIK_TRY(check_header(file->name(), header));
    }
    const std::uint64_t tables =
        divide_up(divide_up(header.capacity, header.grain_size), header.table_entries);
    if (header.directory > file->size().value / k_sector)
        return broken_image(file->name(), "its grain directory lies behind the end of the file");
    UNIK_TRY(
        check_table(*file, "grain directory", header.directory * k_sector, tables, sizeof(Le32)));
    return ContentPtr(std::make_shared<Vmdk>(std::move(file), header));
}

} // namespace unik::disk
