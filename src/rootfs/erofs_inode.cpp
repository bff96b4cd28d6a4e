// Inodes and directories as they stand on the disk.
#include <rootfs/erofs.hpp>

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>

#include <sys/stat.h>
#include <vocabulary/erofs_layout.hpp>

namespace unik::rootfs {
namespace {

namespace erofs = vocabulary::erofs;

struct KindOnDisk {
    mode_t type;
    erofs::EntryKind entry;
};

KindOnDisk on_disk(NodeKind kind) {
    switch (kind) {
    case NodeKind::regular: return {S_IFREG, erofs::EntryKind::regular};
    case NodeKind::directory: return {S_IFDIR, erofs::EntryKind::directory};
    case NodeKind::symbolic_link: return {S_IFLNK, erofs::EntryKind::symbolic_link};
    }
    return {};
}

template <typename T>
ByteVector to_bytes(const T& value) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&value);
    return ByteVector(bytes, bytes + sizeof value);
}

// What both sizes of an inode have under the same names.
template <typename Inode>
Inode inode_of(const Node& node, const Place& place, NodeIndex index) {
    Inode inode{};
    const auto placement =
        place.inline_size > 0 ? erofs::Placement::inline_tail : erofs::Placement::plain;
    const bool extended = sizeof(Inode) == sizeof(erofs::ExtendedInode);
    inode.format = static_cast<std::uint16_t>(static_cast<unsigned>(placement) << 1 |
                                              (extended ? erofs::k_format_extended : 0));
    inode.mode = static_cast<std::uint16_t>(on_disk(node.kind).type | node.mode);
    inode.first_block =
        place.blocks > 0 ? static_cast<std::uint32_t>(place.first_block) : std::uint32_t{0};
    inode.number = index + 1;
    return inode;
}

struct Name {
    std::string_view text;
    NodeIndex node = 0;
};

std::vector<Name> names_of(const Tree& tree, NodeIndex index) {
    const Node& directory = tree.nodes[index];
    std::vector<Name> names{{".", index}, {"..", directory.parent}};
    for (const Entry& entry : directory.entries)
        names.push_back({entry.name, entry.node});
    std::inplace_merge(names.begin(), names.begin() + 2, names.end(),
                       [](const Name& a, const Name& b) { return a.text < b.text; });
    return names;
}

std::size_t bytes_for(const Name& name) {
    return sizeof(erofs::DirectoryEntry) + name.text.size();
}

struct BlockOfNames {
    std::span<const Name> names;
    std::size_t used = 0; // bytes
};

std::vector<BlockOfNames> into_blocks(std::span<const Name> names) {
    std::vector<BlockOfNames> blocks;
    for (std::size_t first = 0; first < names.size();) {
        std::size_t end = first;
        std::size_t used = 0;
        while (end < names.size() && used + bytes_for(names[end]) <= erofs::k_block_size)
            used += bytes_for(names[end++]);
        blocks.push_back({names.subspan(first, end - first), used});
        first = end;
    }
    return blocks;
}

// Appends the block without what follows its last name.
void append_block(const Tree& tree, const Plan& plan, const BlockOfNames& block, ByteVector& out) {
    std::size_t name_offset = block.names.size() * sizeof(erofs::DirectoryEntry);
    for (const Name& name : block.names) {
        erofs::DirectoryEntry entry{};
        entry.node = plan.places[name.node].inode / erofs::k_node_step;
        entry.name_offset = static_cast<std::uint16_t>(name_offset);
        entry.kind = on_disk(tree.nodes[name.node].kind).entry;
        const ByteVector bytes = to_bytes(entry);
        out.insert(out.end(), bytes.begin(), bytes.end());
        name_offset += name.text.size();
    }
    for (const Name& name : block.names)
        out.insert(out.end(), name.text.begin(), name.text.end());
}

} // namespace

std::uint64_t directory_size(const Tree& tree, NodeIndex index) {
    const std::vector<Name> names = names_of(tree, index);
    const std::vector<BlockOfNames> blocks = into_blocks(names);
    return (blocks.size() - 1) * erofs::k_block_size + blocks.back().used;
}

ByteVector directory_content(const Tree& tree, const Plan& plan, NodeIndex index) {
    const std::vector<Name> names = names_of(tree, index);
    ByteVector content;
    for (const BlockOfNames& block : into_blocks(names)) {
        content.resize((content.size() + erofs::k_block_size - 1) / erofs::k_block_size *
                       erofs::k_block_size);
        append_block(tree, plan, block, content);
    }
    return content;
}

ByteVector inode_bytes(const Tree& tree, const Plan& plan, NodeIndex index) {
    const Node& node = tree.nodes[index];
    const Place& place = plan.places[index];
    if (place.inode_size == sizeof(erofs::CompactInode)) {
        auto inode = inode_of<erofs::CompactInode>(node, place, index);
        inode.size = static_cast<std::uint32_t>(place.size);
        inode.links = static_cast<std::uint16_t>(node.links);
        return to_bytes(inode);
    }
    auto inode = inode_of<erofs::ExtendedInode>(node, place, index);
    inode.size = place.size;
    inode.links = node.links;
    inode.time = static_cast<std::uint64_t>(node.time);
    return to_bytes(inode);
}

} // namespace unik::rootfs
