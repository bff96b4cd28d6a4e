// Feeds the image reader with anything: it must answer with values or an Error, and stay within
// the input, its memory and its time.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include <disk/disk_reader.hpp>
#include <disk/image_reader.hpp>
#include <disk/iso.hpp>
#include <disk/overlay.hpp>

namespace {

constexpr std::array<std::string_view, 3> k_path{"EFI", "BOOT", "BOOTX64.EFI"};

template <typename T>
void need_reason(const unik::Result<T>& result) {
    if (!result.ok() && result.error().diagnostics.empty())
        std::abort();
}

// As a FAT volume and as a CD, with zeros behind: both are large, and mostly holes.
void read_parts(std::span<const std::uint8_t> input) {
    using namespace unik::disk;
    constexpr unik::Bytes size{4ULL << 20};
    const ContentPtr padded = overlay(over_memory("input", input), Layout(size));
    Partition all;
    all.last = size.value / k_sector_size - 1;
    const auto file = find_in_fat(*padded, all, k_path);
    need_reason(file);
    if (file.ok() && file->end() > size.value)
        std::abort();
    const auto disk = open_iso(padded);
    need_reason(disk);
    if (disk.ok())
        need_reason(read_unik_disk(**disk));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace unik::disk;
    read_parts({data, size});
    const auto image = Image::open(over_memory("input", {data, size}));
    need_reason(image);
    if (!image.ok())
        return 0;
    Content& disk = image->content();
    const auto table = read_partition_table(disk);
    need_reason(table);
    need_reason(read_load_table(disk));
    const auto unik_disk = read_unik_disk(disk);
    need_reason(unik_disk);
    std::array<std::uint8_t, 1024> block{};
    if (unik_disk.ok() && unik_disk->kernel_file.length >= block.size())
        need_reason(image->read(unik_disk->kernel_file.offset, block));
    for (const std::uint64_t offset :
         {std::uint64_t{0}, image->size().value / 2, image->size().value - 1, ~std::uint64_t{0}})
        need_reason(image->read(offset, block));
    if (!table.ok())
        return 0;
    for (const Partition& partition : table->partitions) {
        // What the table allows, the image can be asked for.
        need_reason(image->read(partition.first * k_sector_size, block));
        need_reason(image->read(partition.last * k_sector_size, block));
        need_reason(find_in_fat(disk, partition, k_path));
    }
    return 0;
}
