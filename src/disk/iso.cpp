#include <disk/iso.hpp>

#include <algorithm>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include <vocabulary/boot_record_layout.hpp>

#include <disk/containers/containers.hpp>
#include <disk/disk.hpp>
#include <disk/disk_reader.hpp>
#include <disk/iso_layout.hpp>
#include <disk/overlay.hpp>

namespace unik::disk {
namespace {

constexpr std::uint64_t k_block = k_iso_block;
constexpr std::uint64_t k_block_sectors = k_block / k_sector_size;

enum Block : std::uint32_t {
    volume_block = 16,
    boot_block,
    end_block,
    catalogue_block,
    little_path_block,
    big_path_block,
    root_block,
    efi_block,
    boot_directory_block,
    boot_image_block,
    past_last_block,
};
static_assert(volume_block == k_gap_first / k_block_sectors);
static_assert(past_last_block <= k_gap_end / k_block_sectors);

constexpr std::uint8_t k_efi_platform = 0xef;
constexpr std::uint8_t k_bootable = 0x88;
constexpr std::uint8_t k_directory_flag = 2;
constexpr std::string_view k_standard = "CD001";
constexpr std::string_view k_application = "UNIK";
constexpr std::string_view k_boot_system = "EL TORITO SPECIFICATION";

template <std::size_t Size>
void copy_padded(char (&out)[Size], std::string_view text) {
    std::fill_n(out, Size, ' ');
    std::copy_n(text.begin(), std::min(Size, text.size()), out);
}

template <typename T>
void append(ByteVector& out, const T& value) {
    const ByteSpan bytes = bytes_of(value);
    out.insert(out.end(), bytes.begin(), bytes.end());
}

// d-characters (7.4.1): capitals, digits and the underscore.
std::string volume_name(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (c >= 'a' && c <= 'z')
            out += static_cast<char>(c - 'a' + 'A');
        else
            out += (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_';
    }
    return out;
}

IsoDirectoryRecord record(std::uint32_t block, std::uint32_t size, std::uint8_t flags) {
    IsoDirectoryRecord out{};
    out.length = sizeof out + 1;
    out.block = block;
    out.size = size;
    out.flags = flags;
    out.volume = std::uint16_t{1};
    out.name_length = 1;
    return out;
}

void append_record(ByteVector& out, IsoDirectoryRecord entry, std::string_view name) {
    entry.name_length = static_cast<std::uint8_t>(name.size());
    const std::size_t padding = name.size() % 2 == 0 ? 1 : 0; // whole records have an even length
    entry.length = static_cast<std::uint8_t>(sizeof entry + name.size() + padding);
    append(out, entry);
    out.insert(out.end(), name.begin(), name.end());
    out.insert(out.end(), padding, 0);
}

struct Entry {
    std::string_view name;
    IsoDirectoryRecord record;
};

// entries: sorted by name (9.3).
ByteVector directory(std::uint32_t own, std::uint32_t parent, const std::vector<Entry>& entries) {
    ByteVector out;
    append_record(out, record(own, k_block, k_directory_flag), std::string_view("\0", 1));
    append_record(out, record(parent, k_block, k_directory_flag), std::string_view("\1", 1));
    for (const Entry& entry : entries)
        append_record(out, entry.record, entry.name);
    out.resize(k_block);
    return out;
}

// 6.9 and 9.4: every directory with the number of its parent.
template <typename Number16, typename Number32>
ByteVector path_table() {
    const struct {
        std::string_view name;
        std::uint32_t block;
        std::uint16_t parent;
    } directories[] = {
        {std::string_view("\0", 1), root_block, 1},
        {"EFI", efi_block, 1},
        {"BOOT", boot_directory_block, 2},
    };
    ByteVector out;
    for (const auto& each : directories) {
        out.push_back(static_cast<std::uint8_t>(each.name.size()));
        out.push_back(0);
        append(out, Number32(each.block));
        append(out, Number16(each.parent));
        out.insert(out.end(), each.name.begin(), each.name.end());
        out.resize(out.size() + each.name.size() % 2);
    }
    return out;
}

IsoVolumeDescriptor volume_descriptor(std::string_view name, std::uint64_t bytes) {
    IsoVolumeDescriptor out{};
    out.type = 1;
    copy_padded(out.standard, k_standard);
    out.version = 1;
    copy_padded(out.system, "");
    copy_padded(out.volume, volume_name(name));
    out.blocks = static_cast<std::uint32_t>(bytes / k_block);
    out.set_size = std::uint16_t{1};
    out.sequence = std::uint16_t{1};
    out.block_size = std::uint16_t{k_block};
    out.path_table_size = static_cast<std::uint32_t>(path_table<Le16, Le32>().size());
    out.little_path_table = little_path_block;
    out.big_path_table = big_path_block;
    out.root = record(root_block, k_block, k_directory_flag);
    copy_padded(out.set, "");
    copy_padded(out.publisher, "");
    copy_padded(out.preparer, "");
    copy_padded(out.application, k_application);
    for (auto& file : out.files)
        copy_padded(file, "");
    for (auto& date : out.dates)
        std::fill_n(date, sizeof date - 1, '0'); // not given
    out.structure_version = 1;
    return out;
}

ByteVector boot_descriptor() {
    IsoBootDescriptor out{};
    copy_padded(out.standard, k_standard);
    out.version = 1;
    std::copy(k_boot_system.begin(), k_boot_system.end(), out.system);
    out.catalogue = catalogue_block;
    ByteVector bytes;
    append(bytes, out);
    return bytes;
}

ByteVector end_descriptor() {
    ByteVector out(k_standard.size() + 2);
    out.front() = 0xff;
    std::copy(k_standard.begin(), k_standard.end(), out.begin() + 1);
    out.back() = 1;
    return out;
}

IsoBootEntry boot_entry(std::uint64_t sectors, std::uint64_t block) {
    IsoBootEntry out{};
    out.indicator = k_bootable;
    // 0: up to the end of the CD, for UEFI (13.3.2.1).
    out.sectors = static_cast<std::uint16_t>(sectors <= 0xffff ? sectors : 0);
    out.block = static_cast<std::uint32_t>(block);
    return out;
}

ByteVector catalogue(const Partition& esp) {
    IsoCatalogue out{};
    out.validation.id = 1;
    std::copy(k_application.begin(), k_application.end(), out.validation.maker);
    out.validation.key[0] = 0x55;
    out.validation.key[1] = 0xaa;
    const ByteSpan bytes = bytes_of(out.validation);
    unsigned sum = 0;
    for (std::size_t i = 0; i < bytes.size(); i += 2)
        sum += bytes[i] | static_cast<unsigned>(bytes[i + 1]) << 8;
    out.validation.checksum = static_cast<std::uint16_t>(-sum);
    out.bios = boot_entry(k_block_sectors, boot_image_block);
    out.section.id = 0x91;
    out.section.platform = k_efi_platform;
    out.section.entries = std::uint16_t{1};
    out.uefi = boot_entry(esp.last - esp.first + 1, esp.first / k_block_sectors);
    ByteVector whole;
    append(whole, out);
    return whole;
}

Result<ByteVector> boot_image(Content& disk) {
    ByteVector out(k_sector_size);
    UNIK_TRY(read_within(disk, 0, std::span(out).first(vocabulary::k_mbr_code_size)));
    const Le16 sector_size(k_block);
    std::memcpy(out.data() + UNIK_SECTOR_SIZE_OFFSET, &sector_size, sizeof sector_size);
    out[510] = 0x55;
    out[511] = 0xaa;
    return out;
}

// What El Torito refers to has names too, so that others' tools know its sizes.
std::vector<Entry> root_entries(const Partition& esp) {
    std::vector<Entry> out{
        {"BIOS.IMG;1", record(boot_image_block, k_block, 0)},
        {"BOOT.CAT;1", record(catalogue_block, k_block, 0)},
        {"EFI", record(efi_block, k_block, k_directory_flag)},
    };
    const std::uint64_t bytes = (esp.last - esp.first + 1) * k_sector_size;
    if (bytes <= std::numeric_limits<std::uint32_t>::max())
        out.push_back({"ESP.IMG;1", record(static_cast<std::uint32_t>(esp.first / k_block_sectors),
                                           static_cast<std::uint32_t>(bytes), 0)});
    return out;
}

// What goes into the gap.
Result<Layout> descriptors(Content& disk, const UnikDisk& parts) {
    const Entry boot{"BOOT", record(boot_directory_block, k_block, k_directory_flag)};
    const Entry kernel{"BOOTX64.EFI;1",
                       record(static_cast<std::uint32_t>(parts.kernel_file.offset / k_block),
                              static_cast<std::uint32_t>(parts.kernel_file.length), 0)};
    Layout out(disk.size());
    const auto add = [&](std::uint32_t block, ByteVector bytes) {
        out.add(block * k_block, std::move(bytes));
    };
    ByteVector volume;
    append(volume, volume_descriptor(parts.load_table.name, disk.size().value));
    add(volume_block, std::move(volume));
    add(boot_block, boot_descriptor());
    add(end_block, end_descriptor());
    add(catalogue_block, catalogue(parts.esp));
    add(little_path_block, path_table<Le16, Le32>());
    add(big_path_block, path_table<Be16, Be32>());
    add(root_block, directory(root_block, root_block, root_entries(parts.esp)));
    add(efi_block, directory(efi_block, root_block, {boot}));
    add(boot_directory_block, directory(boot_directory_block, efi_block, {kernel}));
    add(boot_image_block, UNIK_TRY(boot_image(disk)));
    return out;
}

bool is_standard(const IsoVolumeDescriptor& volume) {
    return volume.type == 1 &&
           std::string_view(volume.standard, sizeof volume.standard) == k_standard;
}

} // namespace

Result<void> write_iso(Content& disk, const WriteOptions& options, AtomicFile& file) {
    const UnikDisk parts = UNIK_TRY(read_unik_disk(disk));
    if (parts.kernel_file.offset % k_block != 0 || parts.esp.first % k_block_sectors != 0 ||
        disk.size().value % k_block != 0 || disk.size().value / k_block > 0xffffffff)
        return broken_image(disk.name(), "its parts do not begin at multiples of 2 KiB, as the "
                                         "parts of a CD do");
    const Layout gap = UNIK_TRY(descriptors(disk, parts));
    UNIK_TRY(write_raw(disk, options, file));
    for (const Extent& extent : gap.extents())
        UNIK_TRY(file.write_at(extent.offset, extent.bytes));
    return {};
}

Result<bool> is_iso(Content& file) {
    if (file.size().value < past_last_block * k_block)
        return false;
    return is_standard(UNIK_TRY(read_object<IsoVolumeDescriptor>(file, volume_block * k_block)));
}

Result<ContentPtr> open_iso(ContentPtr file) {
    const auto volume = UNIK_TRY(read_object<IsoVolumeDescriptor>(*file, volume_block * k_block));
    if (!is_standard(volume))
        return broken_image(file->name(), "it has no ISO 9660 volume descriptor");
    if (std::string_view(volume.application, k_application.size() + 1) != "UNIK ")
        return unsupported_image(file->name(), "it is an ISO 9660 image that unik did not make",
                                 "only ISO images made by unik hold a disk");
    const std::uint64_t size = volume.blocks.little * k_block;
    if (size > file->size().value || size < k_gap_end * k_sector_size)
        return broken_image(file->name(),
                            fmt::format("expected {} bytes as its volume descriptor says, found "
                                        "{}",
                                        size, file->size().value));
    Layout gap(Bytes{size});
    gap.add(k_gap_first * k_sector_size, ByteVector((k_gap_end - k_gap_first) * k_sector_size));
    return overlay(std::move(file), std::move(gap));
}

} // namespace unik::disk
