// The image's archive into a directory.
#pragma once

#include "node.hpp"

namespace os::tmpfs {

// Regular files refer to their bytes in the archive, which must stay. Devices are left out and
// counted. einval: the archive is damaged or names a file below something that is no directory.
struct Unpacked {
    unsigned files = 0;
    unsigned left_out = 0;
};
Result<Unpacked> unpack(Bytes archive, Tmpfs& filesystem, Directory& root);

} // namespace os::tmpfs
