// Requests and the types of their answers as in Linux's linux/fs.h.
#include "disk_file.hpp"

namespace os::block_files {

namespace {

constexpr std::uint64_t k_flush = 0x1261;   // BLKFLSBUF
constexpr std::uint64_t k_discard = 0x1277; // BLKDISCARD
constexpr std::uint64_t k_unit = 512;       // of BLKGETSIZE

std::uint64_t is_read_only(const block::BlockDevice& device) {
    return device.access() == block::Access::read_only ? 1 : 0;
}
std::uint64_t size_in_units(const block::BlockDevice& device) {
    return block::byte_size(device) / k_unit;
}
std::uint64_t size_in_bytes(const block::BlockDevice& device) {
    return block::byte_size(device);
}
std::uint64_t logical_size(const block::BlockDevice& device) {
    return device.sector_size();
}
std::uint64_t physical_size(const block::BlockDevice& device) {
    return device.physical_sector_size();
}
std::uint64_t page_size(const block::BlockDevice&) {
    return k_page_size;
}

struct Query {
    std::uint64_t request;
    std::size_t size; // of the answer
    std::uint64_t (*answer)(const block::BlockDevice&);
};
constexpr Query k_queries[] = {
    {0x125e, 4, is_read_only},      // BLKROGET
    {0x1260, 8, size_in_units},     // BLKGETSIZE
    {0x1268, 4, logical_size},      // BLKSSZGET
    {0x80081270, 4, page_size},     // BLKBSZGET, an int in spite of its number
    {0x80081272, 8, size_in_bytes}, // BLKGETSIZE64
    {0x1278, 4, physical_size},     // BLKIOMIN
    {0x127b, 4, physical_size},     // BLKPBSZGET
};

} // namespace

Result<std::int64_t> control_disk(Disk& disk, std::uint64_t request, std::uint64_t argument) {
    for (const Query& query : k_queries) {
        if (query.request != request)
            continue;
        const Span<std::uint8_t> out =
            UNIK_TRY(memory::AppSpan<std::uint8_t>::writable(argument, query.size));
        const std::uint64_t answer = query.answer(disk.device);
        __builtin_memcpy(out.data(), &answer, query.size);
        return std::int64_t{0};
    }
    if (request == k_discard)
        return Errno::eopnotsupp;
    if (request != k_flush)
        return Errno::enotty;
    const Result<void> flushed = disk.device.flush();
    disk.cache.forget(0, INT64_MAX); // also of a disk that fails
    UNIK_TRY(flushed);
    return std::int64_t{0};
}

} // namespace os::block_files
