// The image's root file system: a deterministic cpio archive ("newc", written by libarchive) that
// travels inside the kernel and becomes the tmpfs root.
#pragma once

#include <support/file.hpp>
#include <support/result.hpp>
#include <toolchain/application.hpp>

namespace unik::rootfs {

struct RootFs {
    ByteVector archive;
    std::size_t file_count = 0;
};

// Sorted entries with the folders above them, names without a leading slash, owner 0:0, no time
// stamps but SOURCE_DATE_EPOCH's, inode numbers from 1. Without files the archive is empty.
Result<RootFs> build(const toolchain::Application& application);

} // namespace unik::rootfs
