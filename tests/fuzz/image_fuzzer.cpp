// Feeds the image reader with anything: it must answer with values or an Error, and stay within
// the input, its memory and its time.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <disk/image_reader.hpp>

namespace {

template <typename T>
void need_reason(const unik::Result<T>& result) {
    if (!result.ok() && result.error().diagnostics.empty())
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace unik::disk;
    const auto image = Image::open(over_memory("input", {data, size}));
    need_reason(image);
    if (!image.ok())
        return 0;
    const auto table = read_partition_table(*image);
    need_reason(table);
    need_reason(read_load_table(*image));
    std::array<std::uint8_t, 1024> block{};
    for (const std::uint64_t offset :
         {std::uint64_t{0}, image->size().value / 2, image->size().value - 1, ~std::uint64_t{0}})
        need_reason(image->read(offset, block));
    if (!table.ok())
        return 0;
    for (const Partition& partition : table->partitions) {
        // What the table allows, the image can be asked for.
        need_reason(image->read(partition.first * k_sector_size, block));
        need_reason(image->read(partition.last * k_sector_size, block));
    }
    return 0;
}
