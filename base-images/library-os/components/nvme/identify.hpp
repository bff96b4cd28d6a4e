// What Identify tells of the controller and of a namespace (1.4, 5.15), checked here once.
#pragma once

#include <cstdint>

#include <block/block_device.hpp>
#include <foundation/result.hpp>
#include <foundation/span.hpp>

#include "registers.hpp"

namespace os::nvme {

inline constexpr std::size_t k_identify_size = 4096;

// enodev for a controller that cannot be driven: pages of 4 KiB and the NVM commands are needed.
Result<Capabilities> parse_capabilities(std::uint32_t low, std::uint32_t high);

struct ControllerIdentity {
    char serial[20] = {};
    std::size_t most_bytes = 0; // of a transfer, at most k_most_transfer
    std::uint32_t namespaces = 0;
    bool write_cache = false;
};
// einval: entries of other sizes than ours, or something that serves no blocks.
Result<ControllerIdentity> parse_controller(Bytes data);

struct NamespaceIdentity {
    std::uint64_t sectors = 0; // 0: there is no such namespace
    std::uint32_t sector_size = 0;
    block::Access access = block::Access::read_write;
};
// eopnotsupp: blocks with metadata, or of a size that is not 512 to 4096; einval: nonsense.
Result<NamespaceIdentity> parse_namespace(Bytes data);

} // namespace os::nvme
