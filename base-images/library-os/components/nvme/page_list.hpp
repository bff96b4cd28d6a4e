// Where the data of a command lies (1.4, 4.3): two addresses in the command. The first may begin
// anywhere in its page; the second is the next page, or, when there are more than two, a list of
// them all.
#pragma once

#include <foundation/types.hpp>
#include <vocabulary/endian.hpp>

namespace os::nvme {

inline constexpr std::size_t k_most_transfer = 65536;
// Of a list: what k_most_transfer takes beside the first page when it begins within one.
inline constexpr unsigned k_list_entries = k_most_transfer / k_page_size;

struct PageList {
    vocabulary::Le64 entries[k_list_entries];
};

struct DataPointers {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
};

// Contiguous memory of 1 to k_most_transfer bytes. `list`, which lies at list_address, is written
// where it is needed.
DataPointers describe(PhysAddr data, std::size_t size, PageList& list, PhysAddr list_address);

} // namespace os::nvme
