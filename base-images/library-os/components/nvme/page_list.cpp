#include "page_list.hpp"

#include <foundation/panic.hpp>

namespace os::nvme {

DataPointers describe(PhysAddr data, std::size_t size, PageList& list, PhysAddr list_address) {
    UNIK_ASSERT(size != 0 && size <= k_most_transfer);
    const std::uint64_t end = data.value + size;
    const std::uint64_t second = align_down(data.value, k_page_size) + k_page_size;
    if (end <= second)
        return {data.value, 0};
    if (end <= second + k_page_size)
        return {data.value, second};
    unsigned count = 0;
    for (std::uint64_t page = second; page < end; page += k_page_size)
        list.entries[count++] = page;
    return {data.value, list_address.value};
}

} // namespace os::nvme
