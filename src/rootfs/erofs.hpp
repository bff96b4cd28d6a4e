// From the tree to an EROFS image (vocabulary/erofs_layout.hpp). First everything gets its place,
// then the image is written from its start to its end, and each file is read once, while it is
// written.
#pragma once

#include <cstdint>
#include <vector>

#include <rootfs/image_file.hpp>
#include <rootfs/tree.hpp>
#include <support/file.hpp>
#include <support/result.hpp>

namespace unik::rootfs {

// The bytes behind the last whole block lie behind the inode when there are at most this many of
// them; of a regular file only when there is no whole block before them.
inline constexpr std::uint64_t k_most_inline = 1024;

struct Place {
    std::uint64_t inode = 0;       // position in the image
    std::uint32_t inode_size = 0;  // compact or extended
    std::uint32_t inline_size = 0; // of the content, behind the inode
    std::uint64_t first_block = 0; // of the rest
    std::uint64_t blocks = 0;
    std::uint64_t size = 0; // of the content
};

struct Plan {
    std::vector<Place> places;     // by node
    std::uint64_t meta_blocks = 0; // superblock and inodes
    std::uint64_t blocks = 0;      // of the image
};

// Errors: rootfs-too-large.
Result<Plan> make_plan(const Tree& tree);

// The inode as it stands on the disk.
ByteVector inode_bytes(const Tree& tree, const Plan& plan, NodeIndex index);

// The content of a directory.
std::uint64_t directory_size(const Tree& tree, NodeIndex index);
ByteVector directory_content(const Tree& tree, const Plan& plan, NodeIndex index);

// Finishes the file. Errors: file-error; file-changed for a source that is not what it was when the
// tree was made.
Result<void> write_image(const Tree& tree, const Plan& plan, ImageFile& out);

// CRC-32C (Castagnoli) from ~0, without the final inversion.
std::uint32_t erofs_checksum(ByteSpan bytes);

} // namespace unik::rootfs
