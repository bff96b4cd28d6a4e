#include <disk/boot_record.hpp>

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include <vocabulary/boot_record_layout.hpp>
#include <vocabulary/byte_reader.hpp>

namespace unik::disk {
namespace {

using vocabulary::DiskAddressPacket;
using vocabulary::LoadEntry;
using vocabulary::LoadTableHeader;

constexpr std::uint32_t k_load_segment = 1; // PT_LOAD
constexpr std::uint32_t k_note_segment = 4; // PT_NOTE
constexpr std::uint32_t k_phys32_entry = 18;
constexpr std::uint64_t k_lowest = 1ULL << 20;
constexpr std::uint64_t k_highest = 1ULL << 32;

Error not_bootable(const elf::ElfFile& kernel, std::string reason) {
    return make_error("kernel-not-bootable",
                      fmt::format("the kernel '{}' cannot be put on a disk: {}", kernel.name(),
                                  std::move(reason)));
}

struct NoteHeader {
    vocabulary::Le32 name_size;
    vocabulary::Le32 content_size;
    vocabulary::Le32 type;
};

constexpr std::size_t padded(std::uint32_t size) {
    return (static_cast<std::size_t>(size) + 3) & ~std::size_t{3};
}

// One PT_NOTE segment; 0 when it does not hold the entry. Xen's notes are aligned to 4 bytes.
std::uint64_t entry_in_notes(ByteSpan notes) {
    vocabulary::ByteReader reader(notes.data(), notes.size());
    NoteHeader header;
    while (reader.read(header)) {
        const std::uint8_t* name = reader.take(padded(header.name_size));
        const std::uint8_t* content = reader.take(padded(header.content_size));
        if (name == nullptr || content == nullptr)
            return 0;
        if (header.type != k_phys32_entry || header.name_size != 4 ||
            std::memcmp(name, "Xen", 4) != 0)
            continue;
        vocabulary::Le64 entry;
        std::memcpy(&entry, content, std::min<std::size_t>(sizeof entry, header.content_size));
        return entry;
    }
    return 0;
}

Result<LoadEntry> load_entry(const elf::ElfFile& kernel, const elf::Segment& segment,
                             std::uint64_t kernel_sector) {
    const std::uint64_t begin = segment.physical_address;
    if (segment.memory_size < segment.file_size || begin < k_lowest || begin >= k_highest ||
        segment.memory_size > k_highest - begin)
        return not_bootable(kernel, fmt::format("its segment of {} bytes at physical address "
                                                "{:#x} does not lie between 1 MiB and 4 GiB",
                                                segment.memory_size, begin));
    LoadEntry entry{};
    entry.lba = kernel_sector + segment.offset / vocabulary::k_sector_size;
    entry.skip = static_cast<std::uint32_t>(segment.offset % vocabulary::k_sector_size);
    entry.byte_count = static_cast<std::uint32_t>(segment.file_size);
    entry.destination = static_cast<std::uint32_t>(begin);
    entry.zero_count = static_cast<std::uint32_t>(segment.memory_size - segment.file_size);
    return entry;
}

Result<std::vector<LoadEntry>> load_entries(const elf::ElfFile& kernel,
                                            std::uint64_t kernel_sector) {
    std::vector<LoadEntry> entries;
    for (const elf::Segment& segment : kernel.segments()) {
        if (segment.type == k_load_segment && segment.memory_size > 0)
            entries.push_back(UNIK_TRY(load_entry(kernel, segment, kernel_sector)));
    }
    if (entries.empty() || entries.size() > vocabulary::k_load_entry_limit)
        return not_bootable(kernel, fmt::format("it has {} segments to load, expected 1 to {}",
                                                entries.size(), vocabulary::k_load_entry_limit));
    return entries;
}

// The screen shows printable ASCII only.
void place_name(LoadTableHeader& header, std::string_view name) {
    const std::size_t length = std::min(name.size(), sizeof header.name - 1);
    for (std::size_t i = 0; i < length; ++i)
        header.name[i] = name[i] >= ' ' && name[i] <= '~' ? name[i] : '?';
}

template <typename T>
void place(std::uint8_t* where, const T& value) {
    std::memcpy(where, &value, sizeof value);
}

} // namespace

Result<std::uint32_t> pvh_entry(const elf::ElfFile& kernel) {
    for (const elf::Segment& segment : kernel.segments()) {
        if (segment.type != k_note_segment)
            continue;
        const std::uint64_t entry = entry_in_notes(kernel.content(segment));
        if (entry >= k_lowest && entry < k_highest)
            return static_cast<std::uint32_t>(entry);
    }
    return not_bootable(kernel, "it has no PVH entry (ELF note XEN_ELFNOTE_PHYS32_ENTRY)");
}

Result<void> check_boot_record(ByteSpan flat) {
    using namespace vocabulary;
    const std::size_t smallest = 2 * k_sector_size + k_load_table_size;
    const std::size_t largest = k_sector_size + k_stage_two_limit;
    vocabulary::Le32 stage_two;
    vocabulary::Le32 table;
    if (flat.size() >= smallest) {
        std::memcpy(&stage_two, flat.data() + k_sector_size, sizeof stage_two);
        std::memcpy(&table, flat.data() + flat.size() - k_load_table_size, sizeof table);
    }
    if (flat.size() < smallest || flat.size() > largest || flat.size() % k_sector_size != 0 ||
        stage_two != UNIK_STAGE_TWO_MAGIC || table != UNIK_LOAD_TABLE_MAGIC)
        return make_error("broken-boot-record",
                          fmt::format("the boot record of {} bytes is not one that this unik "
                                      "writes",
                                      flat.size()),
                          "it is the component 'boot-bios'; build unik anew");
    return {};
}

Result<BootRecord> fill_boot_record(ByteSpan flat, const elf::ElfFile& kernel,
                                    std::string_view name, std::uint64_t stage_two_sector,
                                    std::uint64_t kernel_sector) {
    using namespace vocabulary;
    UNIK_TRY(check_boot_record(flat));
    const std::vector<LoadEntry> entries = UNIK_TRY(load_entries(kernel, kernel_sector));
    BootRecord out;
    out.mbr_code.assign(flat.begin(), flat.begin() + k_mbr_code_size);
    out.stage_two.assign(flat.begin() + k_sector_size, flat.end());

    DiskAddressPacket packet{};
    std::memcpy(&packet, out.mbr_code.data() + UNIK_PACKET_OFFSET, sizeof packet);
    packet.sectors = static_cast<std::uint16_t>(out.stage_two.size() / k_sector_size);
    packet.lba = stage_two_sector;
    place(out.mbr_code.data() + UNIK_PACKET_OFFSET, packet);

    LoadTableHeader header{};
    header.magic = UNIK_LOAD_TABLE_MAGIC;
    header.entry_count = static_cast<std::uint32_t>(entries.size());
    header.kernel_entry = UNIK_TRY(pvh_entry(kernel));
    place_name(header, name);
    std::uint8_t* table = out.stage_two.data() + out.stage_two.size() - k_load_table_size;
    place(table, header);
    std::memcpy(table + sizeof header, entries.data(), entries.size() * sizeof(LoadEntry));
    return out;
}

} // namespace unik::disk
