// Where everything lies: inodes with short contents first, in the tree's order, so that a
// directory's nodes are neighbours; then the blocks of the directories, then those of the files.
#include <rootfs/erofs.hpp>

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <vocabulary/erofs_layout.hpp>

namespace unik::rootfs {
namespace {

namespace erofs = vocabulary::erofs;

constexpr std::uint64_t k_first_inode = erofs::k_superblock_offset + sizeof(erofs::Superblock);
constexpr std::uint64_t k_most_blocks = std::numeric_limits<std::uint32_t>::max();

bool fits_compact(const Node& node, std::uint64_t size, std::int64_t image_time) {
    return size <= std::numeric_limits<std::uint32_t>::max() &&
           node.links <= std::numeric_limits<std::uint16_t>::max() && node.time == image_time;
}

std::uint64_t content_size(const Tree& tree, NodeIndex index) {
    const Node& node = tree.nodes[index];
    return node.kind == NodeKind::directory ? directory_size(tree, index) : node.size;
}

// Regular files are mapped into memory by whole pages, and a page cannot be mapped out of the
// inodes.
void divide(const Node& node, Place& place) {
    const std::uint64_t tail = place.size % erofs::k_block_size;
    const bool whole_file = place.size <= k_most_inline;
    if (tail != 0 && tail <= k_most_inline && (whole_file || node.kind != NodeKind::regular))
        place.inline_size = static_cast<std::uint32_t>(tail);
    place.blocks = (place.size - place.inline_size + erofs::k_block_size - 1) / erofs::k_block_size;
}

// The next place for an inode: it and what follows it stay within a block.
std::uint64_t inode_position(std::uint64_t end, const Place& place) {
    const std::uint64_t start =
        (end + erofs::k_node_step - 1) / erofs::k_node_step * erofs::k_node_step;
    const std::uint64_t room = erofs::k_block_size - start % erofs::k_block_size;
    return place.inode_size + place.inline_size <= room ? start : start + room;
}

} // namespace

Result<Plan> make_plan(const Tree& tree) {
    Plan plan;
    plan.places.resize(tree.nodes.size());
    std::uint64_t end = k_first_inode;
    for (NodeIndex index = 0; index < tree.nodes.size(); ++index) {
        Place& place = plan.places[index];
        place.size = content_size(tree, index);
        divide(tree.nodes[index], place);
        place.inode_size = fits_compact(tree.nodes[index], place.size, tree.time)
                               ? sizeof(erofs::CompactInode)
                               : sizeof(erofs::ExtendedInode);
        place.inode = inode_position(end, place);
        end = place.inode + place.inode_size + place.inline_size;
    }
    plan.meta_blocks = (end + erofs::k_block_size - 1) / erofs::k_block_size;
    plan.blocks = plan.meta_blocks;
    for (const bool directories : {true, false}) {
        for (NodeIndex index = 0; index < tree.nodes.size(); ++index) {
            if ((tree.nodes[index].kind == NodeKind::directory) != directories)
                continue;
            plan.places[index].first_block = plan.blocks;
            plan.blocks += plan.places[index].blocks;
        }
    }
    if (plan.blocks > k_most_blocks)
        return make_error(
            "rootfs-too-large",
            fmt::format("the image's files have {}, and its root file system holds at "
                        "most {}",
                        to_text(Bytes{plan.blocks * erofs::k_block_size}),
                        to_text(Bytes{k_most_blocks * erofs::k_block_size})),
            "leave files out with .unikignore or 'files' in the Unikfile");
    return plan;
}

} // namespace unik::rootfs
