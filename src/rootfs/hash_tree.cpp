#include <rootfs/hash_tree.hpp>

#include <algorithm>
#include <vector>

#include <vocabulary/root_layout.hpp>

namespace unik::rootfs {
namespace {

using vocabulary::k_root_block_size;
using vocabulary::k_root_digests_per_block;

// The blocks that hold these digests.
ByteVector level_of(std::span<const Digest> digests) {
    ByteVector level;
    const std::size_t blocks =
        (digests.size() + k_root_digests_per_block - 1) / k_root_digests_per_block;
    level.reserve(blocks * k_root_block_size);
    for (const Digest& digest : digests)
        level.insert(level.end(), digest.begin(), digest.end());
    level.resize(blocks * k_root_block_size);
    return level;
}

std::vector<Digest> digests_of(const ByteVector& level) {
    std::vector<Digest> digests;
    for (std::size_t at = 0; at < level.size(); at += k_root_block_size)
        digests.push_back(sha256(ByteSpan(level).subspan(at, k_root_block_size)));
    return digests;
}

} // namespace

HashTree make_hash_tree(std::span<const Digest> leaves) {
    std::vector<ByteVector> levels;
    std::vector<Digest> digests(leaves.begin(), leaves.end());
    while (digests.size() > 1) {
        levels.push_back(level_of(digests));
        digests = digests_of(levels.back());
    }
    HashTree tree;
    tree.root = digests.at(0);
    for (auto level = levels.rbegin(); level != levels.rend(); ++level)
        tree.blocks.insert(tree.blocks.end(), level->begin(), level->end());
    return tree;
}

} // namespace unik::rootfs
