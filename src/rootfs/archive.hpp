// The same files as a cpio archive ("newc"), which kernels unpack into memory.
#pragma once

#include <support/file.hpp>
#include <support/result.hpp>
#include <toolchain/application.hpp>

namespace unik::rootfs {

// Sorted entries with the folders above them, names without a leading slash, owner 0:0, inode
// numbers from 1. Without files the archive is empty.
Result<ByteVector> make_archive(const toolchain::Application& application);

} // namespace unik::rootfs
