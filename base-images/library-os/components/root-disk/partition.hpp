// Finding a partition by its unique GUID in a GUID partition table (UEFI specification 2.10,
// sections 5.3.2 and 5.3.3): the table at the disk's beginning, or where that one is damaged, its
// copy at the end.
#pragma once

#include <cstdint>

#include <block/block_device.hpp>
#include <foundation/result.hpp>

namespace os::root_disk {

struct Guid {
    std::uint8_t bytes[16] = {}; // as in the table
    bool operator==(const Guid&) const = default;
};
struct GuidText {
    char text[37] = {};
};
GuidText to_text(const Guid& guid);

struct Partition {
    std::uint64_t offset = 0; // bytes
    std::uint64_t size = 0;
};

// enoent: the table does not have it; euclean: there is no good table; eio and the like: the disk
// cannot be read.
Result<Partition> find_partition(block::BlockDevice& disk, const Guid& guid);

} // namespace os::root_disk
