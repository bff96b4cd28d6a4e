#include <disk/boot_record.hpp>

#include <algorithm>
#include <cassert>
#include <cstring>

#include <fmt/format.h>

#include <vocabulary/boot_record_layout.hpp>

namespace unik::disk {
namespace {

using vocabulary::DiskAddressPacket;
using vocabulary::k_load_table_size;
using vocabulary::k_mbr_code_size;
using vocabulary::k_sector_size;
using vocabulary::k_stage_two_limit;
using vocabulary::LoadEntry;
using vocabulary::LoadTableHeader;

constexpr std::uint64_t k_lowest = 1ULL << 20;
constexpr std::uint64_t k_highest = 1ULL << 32;

Error not_bootable(const efi::KernelFile& kernel, std::string reason) {
    return make_error("kernel-not-bootable",
                      fmt::format("the kernel of '{}' cannot be put on a disk that a BIOS boots: "
                                  "{}",
                                  kernel.name, std::move(reason)));
}

Result<LoadEntry> load_entry(const efi::KernelFile& kernel, std::uint64_t kernel_sector) {
    const std::uint64_t begin = kernel.load_address;
    if (kernel.memory_size < kernel.image_size || begin < k_lowest || begin >= k_highest ||
        kernel.memory_size > k_highest - begin)
        return not_bootable(kernel, fmt::format("expected an image between 1 MiB and 4 GiB, found "
                                                "{} bytes at physical address {:#x}",
                                                kernel.memory_size, begin));
    if (kernel.pvh_entry < begin || kernel.pvh_entry - begin >= kernel.memory_size)
        return not_bootable(
            kernel, fmt::format("its PVH entry {:#x} lies outside its image", kernel.pvh_entry));
    LoadEntry entry{};
    entry.lba = kernel_sector + kernel.image_offset / k_sector_size;
    entry.skip = static_cast<std::uint32_t>(kernel.image_offset % k_sector_size);
    entry.byte_count = kernel.image_size;
    entry.destination = static_cast<std::uint32_t>(begin);
    entry.zero_count = kernel.memory_size - kernel.image_size;
    return entry;
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

std::uint32_t sum_of_words(ByteSpan bytes) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i + sizeof(vocabulary::Le32) <= bytes.size();
         i += sizeof(vocabulary::Le32)) {
        vocabulary::Le32 word;
        std::memcpy(&word, bytes.data() + i, sizeof word);
        sum += word;
    }
    return sum;
}

Result<void> check_boot_record(ByteSpan flat) {
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

Result<BootRecord> fill_boot_record(ByteSpan flat, const efi::KernelFile& kernel,
                                    std::string_view name, const BootPlaces& places) {
    UNIK_TRY(check_boot_record(flat));
    const LoadEntry entry = UNIK_TRY(load_entry(kernel, places.kernel_file));
    BootRecord out;
    out.mbr_code.assign(flat.begin(), flat.begin() + k_mbr_code_size);
    out.stage_two.assign(flat.begin() + k_sector_size, flat.end());

    DiskAddressPacket packet{};
    std::memcpy(&packet, out.mbr_code.data() + UNIK_PACKET_OFFSET, sizeof packet);
    packet.sectors = static_cast<std::uint16_t>(out.stage_two.size() / k_sector_size);
    packet.lba = places.stage_two;
    place(out.mbr_code.data() + UNIK_PACKET_OFFSET, packet);

    LoadTableHeader header{};
    header.magic = UNIK_LOAD_TABLE_MAGIC;
    header.entry_count = 1;
    header.kernel_entry = kernel.pvh_entry;
    place_name(header, name);
    std::uint8_t* table = out.stage_two.data() + out.stage_two.size() - k_load_table_size;
    place(table, header);
    place(table + sizeof header, entry);
    header.checksum = -sum_of_words(out.stage_two);
    place(table, header);
    return out;
}

} // namespace unik::disk
