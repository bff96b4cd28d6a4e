#include <disk/containers/vmdk.hpp>

#include <array>

#include <disk/containers/blocks.hpp>
#include <disk/containers/containers.hpp>
#include <disk/containers/fingerprint.hpp>

namespace unik::disk {
namespace {

// A directory and its tables, in sectors from where they begin.
struct Tables {
    std::uint64_t count;
    std::uint64_t directory_sectors() const { return divide_up(count * sizeof(Le32), k_sector); }
    std::uint64_t sectors() const { return directory_sectors() + count * k_vmdk_table_sectors; }
};

Result<void> write_directory(AtomicFile& file, std::uint64_t first_sector, const Tables& tables) {
    std::vector<Le32> directory(tables.count);
    for (std::uint64_t i = 0; i < tables.count; ++i)
        directory[i] = static_cast<std::uint32_t>(first_sector + tables.directory_sectors() +
                                                  i * k_vmdk_table_sectors);
    return file.write_at(first_sector * k_sector, bytes_of(directory));
}

// The grain table that is being filled; one without grains stays a hole of the file.
class GrainTable {
public:
    GrainTable(AtomicFile& file, const VmdkHeader& header, const Tables& tables)
        : file_(file), first_{header.redundant_directory + tables.directory_sectors(),
                              header.directory + tables.directory_sectors()} {}

    Result<void> set(std::uint64_t grain, std::uint64_t sector) {
        if (grain / k_vmdk_table_entries != slot_) {
            UNIK_TRY(flush());
            slot_ = grain / k_vmdk_table_entries;
            entries_.assign(k_vmdk_table_entries, Le32(0));
        }
        entries_[grain % k_vmdk_table_entries] = static_cast<std::uint32_t>(sector);
        return {};
    }
    Result<void> flush() {
        if (entries_.empty())
            return {};
        for (const std::uint64_t first : first_)
            UNIK_TRY(file_.write_at((first + slot_ * k_vmdk_table_sectors) * k_sector,
                                    bytes_of(entries_)));
        return {};
    }

private:
    AtomicFile& file_;
    std::array<std::uint64_t, 2> first_;
    std::uint64_t slot_ = ~0ULL;
    std::vector<Le32> entries_;
};

} // namespace

Result<void> write_vmdk_sparse(Content& content, const WriteOptions& options, AtomicFile& file) {
    const std::uint64_t sectors = divide_up(content.size().value, k_sector);
    UNIK_TRY(check_vmdk_size(sectors));
    const std::uint64_t grain_count = divide_up(sectors * k_sector, k_vmdk_grain);
    const Tables tables{divide_up(grain_count, k_vmdk_table_entries)};
    VmdkHeader header = vmdk_header(sectors);
    header.flags = k_vmdk_check_line_ends | k_vmdk_redundant_tables;
    header.redundant_directory = 1 + k_vmdk_descriptor_sectors;
    header.directory = header.redundant_directory + tables.sectors();
    header.overhead = round_up(header.directory + tables.sectors(), k_vmdk_grain / k_sector);

    GrainTable table(file, header, tables);
    Fingerprint fingerprint;
    std::uint64_t end = header.overhead * k_sector;
    UNIK_TRY(for_each_run(content, k_vmdk_grain, options, [&](const Run& run) -> Result<void> {
        fingerprint.add(run);
        UNIK_TRY(file.write_at(end, run.bytes));
        for (std::uint64_t i = 0; i < run.bytes.size() / k_vmdk_grain; ++i, end += k_vmdk_grain)
            UNIK_TRY(table.set(run.first + i, end / k_sector));
        return {};
    }));
    UNIK_TRY(table.flush());
    const Guid id = fingerprint.guid("VMDK", Bytes{sectors * k_sector});
    const std::string descriptor =
        vmdk_descriptor("monolithicSparse", sectors, options.file_name, id);
    UNIK_TRY(file.write_at(0, bytes_of(header)));
    UNIK_TRY(file.write_at(
        k_sector, {reinterpret_cast<const std::uint8_t*>(descriptor.data()), descriptor.size()}));
    UNIK_TRY(write_directory(file, header.redundant_directory, tables));
    UNIK_TRY(write_directory(file, header.directory, tables));
    return file.resize(Bytes{end});
}

} // namespace unik::disk
