#include <disk/disk.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <disk/boot_record.hpp>
#include <disk/formats.hpp>
#include <disk/gpt.hpp>
#include <disk/layout.hpp>
#include <elf/elf_file.hpp>
#include <support/sha256.hpp>
#include <support/text.hpp>

namespace unik::disk {
namespace {

constexpr std::uint64_t k_alignment = 8; // sectors: partitions begin on 4 KiB
constexpr std::uint64_t k_size_step = 1ULL << 20;

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t step) {
    return (value + step - 1) / step * step;
}

constexpr std::uint64_t sectors_of(std::size_t bytes) {
    return round_up(bytes, k_sector_size) / k_sector_size;
}

Result<const Format*> find_format(std::string_view name) {
    std::vector<std::string> known;
    for (const Format& format : formats()) {
        if (format.name == name)
            return &format;
        known.emplace_back(format.name);
    }
    return make_error("unknown-disk-format",
                      fmt::format("unknown disk format '{}', expected {}", name, listing(known)),
                      did_you_mean(name, known));
}

// All that the disk holds, as the seed of its ids.
Digest seed_of(const DiskInput& input) {
    Sha256 hash;
    hash.update(fmt::format("{} {} {}\n", input.name.size(), input.boot_record.size(),
                            input.kernel.size()));
    hash.update(input.name);
    hash.update(input.boot_record);
    hash.update(input.kernel);
    return hash.finish();
}

PartitionTable partition(const DiskInput& input) {
    const Digest seed = seed_of(input);
    const std::uint64_t stage_two = round_up(k_first_usable, k_alignment);
    const std::uint64_t stage_two_sectors = sectors_of(input.boot_record.size()) - 1;
    const std::uint64_t kernel = round_up(stage_two + stage_two_sectors, k_alignment);
    const std::uint64_t kernel_end = kernel + sectors_of(input.kernel.size());

    PartitionTable table;
    table.disk = derive_guid("unik disk", seed);
    table.partitions.push_back({guid(k_bios_boot_type), derive_guid("unik BIOS boot", seed),
                                stage_two, kernel - 1, "BIOS boot"});
    table.partitions.push_back({guid(k_kernel_type), derive_guid("unik kernel", seed), kernel,
                                round_up(kernel_end, k_alignment) - 1, "kernel"});
    const std::uint64_t used = table.partitions.back().last + 1 + k_entry_sectors + 1;
    table.sectors = round_up(used * k_sector_size, k_size_step) / k_sector_size;
    return table;
}

} // namespace

Result<void> write(const DiskInput& input, const std::filesystem::path& path) {
    const Format* format = UNIK_TRY(find_format(input.format));
    UNIK_TRY(check_boot_record(input.boot_record));
    const elf::ElfFile kernel = UNIK_TRY(
        elf::ElfFile::parse(ByteVector(input.kernel.begin(), input.kernel.end()), "kernel.elf"));
    const PartitionTable table = partition(input);
    const std::uint64_t stage_two_sector = table.partitions[0].first;
    const std::uint64_t kernel_sector = table.partitions[1].first;
    BootRecord record = UNIK_TRY(
        fill_boot_record(input.boot_record, kernel, input.name, stage_two_sector, kernel_sector));

    Layout layout;
    layout.set_size(Bytes{table.sectors * k_sector_size});
    layout.add(0, primary_gpt(table, record.mbr_code));
    layout.add(stage_two_sector * k_sector_size, std::move(record.stage_two));
    layout.add(kernel_sector * k_sector_size, input.kernel);
    layout.add(layout.size().value - (k_entry_sectors + 1) * k_sector_size, backup_gpt(table));

    AtomicFile file = UNIK_TRY(AtomicFile::create(path));
    UNIK_TRY(format->write(layout, file));
    return file.commit();
}

} // namespace unik::disk
