#include "device_numbers.hpp"

#include <vfs/stat.hpp>

namespace os::block_files {

namespace {

struct Kind {
    const char* prefix;
    unsigned major;
    unsigned minors; // of each disk: itself and its partitions
};
constexpr Kind k_kinds_of_disk[] = {{"sd", 8, 16}, {"vd", 254, 16}, {"sr", 11, 1}};
constexpr unsigned k_extended_major = 259;    // NVMe, and what has no more room elsewhere
constexpr unsigned k_minors_of_a_major = 256; // of the old ones

} // namespace

std::uint64_t DeviceNumbers::next(StringView name) {
    static_assert(sizeof(k_kinds_of_disk) / sizeof(k_kinds_of_disk[0]) == k_kinds);
    for (std::size_t i = 0; i < k_kinds; ++i) {
        const Kind& kind = k_kinds_of_disk[i];
        const unsigned minor = counts_[i] * kind.minors;
        if (!name.starts_with(kind.prefix) || minor >= k_minors_of_a_major)
            continue;
        ++counts_[i];
        return vfs::device_number(kind.major, minor);
    }
    return vfs::device_number(k_extended_major, extended_++);
}

} // namespace os::block_files
