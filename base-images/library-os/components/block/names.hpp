// The names of block devices, as Linux counts them.
#pragma once

#include <cstddef>

#include <foundation/result.hpp>
#include <foundation/span.hpp>

namespace os::block {

// The name of the next device with this prefix: "vd" → "vda", "vdb", … "vdz", "vdaa";
// "nvme" → "nvme0n1"; "sr" → "sr0". einval for another prefix, enospc when it does not fit.
class NameCounter {
public:
    Result<void> next(StringView prefix, char* name, std::size_t size);

private:
    static constexpr std::size_t k_prefixes = 4;
    unsigned counts_[k_prefixes] = {};
};

} // namespace os::block
