// The numbers of disks, as in Linux's devices.txt; what Linux numbers as it comes (virtio and NVMe
// disks) has the majors that it usually gets.
#pragma once

#include <foundation/span.hpp>

namespace os::block_files {

class DeviceNumbers {
public:
    // In the order in which the disks were named.
    std::uint64_t next(StringView name);

private:
    static constexpr std::size_t k_kinds = 3;
    unsigned counts_[k_kinds] = {};
    unsigned extended_ = 0;
};

} // namespace os::block_files
