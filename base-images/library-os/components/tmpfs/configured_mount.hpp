// The record of a tmpfs in the boot configuration: "tmpfs=PATH,BYTES".
#pragma once

#include <cstdint>

#include <foundation/span.hpp>

namespace os::tmpfs {

inline constexpr StringView k_mount_key = "tmpfs";

struct ConfiguredMount {
    StringView path; // absolute
    std::uint64_t pages = 0;
};
// Of a record's value; false: it is none.
bool read_mount(StringView value, ConfiguredMount& out);

} // namespace os::tmpfs
