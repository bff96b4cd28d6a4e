#include "region_table.hpp"

namespace os::ide {

namespace {
constexpr std::uint64_t k_border = 65536;
}

unsigned describe(std::uint64_t address, std::size_t size, Region (&out)[k_most_regions]) {
    UNIK_ASSERT(size != 0 && size <= ata::k_most_transfer && address + size <= 1ULL << 32);
    unsigned count = 0;
    while (size != 0) {
        const std::uint64_t to_border = k_border - address % k_border;
        const std::uint64_t part = size < to_border ? size : to_border;
        size -= part;
        out[count++] = {static_cast<std::uint32_t>(address), static_cast<std::uint16_t>(part),
                        size == 0 ? k_last_region : std::uint16_t{0}};
        address += part;
    }
    return count;
}

} // namespace os::ide
