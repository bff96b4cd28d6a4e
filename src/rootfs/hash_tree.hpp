// The hash tree behind a root on a disk: dm-verity's, as vocabulary/root_layout.hpp says.
//
//     level n − 1   one block: the digests of level n − 2's blocks     ← its digest is the root's
//     …
//     level 0       the digests of the image's blocks, 128 in a block, zeros behind the last one
//
// An image of one block has no tree: its digest is the root's.
#pragma once

#include <span>

#include <support/file.hpp>
#include <support/sha256.hpp>

namespace unik::rootfs {

struct HashTree {
    Digest root{};
    ByteVector blocks; // the levels from the root's down
};

// leaves: the digests of the image's blocks; at least one.
HashTree make_hash_tree(std::span<const Digest> leaves);

} // namespace unik::rootfs
