// Files that the hypervisor hands to the guest (QEMU, docs/specs/fw_cfg).
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/span.hpp>

namespace os::fw_cfg {

struct File {
    std::uint16_t selector = 0;
    std::uint32_t size = 0;
};

// enodev where there is no such channel, enoent where there is no such file. Works before any
// start step.
Result<File> find(StringView name);
// The first buffer.size() bytes of the file, fewer when it is shorter; the number read.
std::size_t read(File file, MutableBytes buffer);

} // namespace os::fw_cfg
