// The format: vocabulary/erofs_layout.hpp.
#include "volume.hpp"

#include <vfs/stat.hpp>

namespace os::erofs {

namespace {

using vocabulary::erofs::CompactInode;
using vocabulary::erofs::ExtendedInode;
using vocabulary::erofs::k_block_size;
using vocabulary::erofs::k_node_step;
using vocabulary::erofs::Placement;
using vocabulary::erofs::Superblock;

// Bits of Inode::format that are known: the inode's size and the placement.
constexpr std::uint16_t k_known_format = 0xf;
constexpr std::uint64_t k_longest_link = 4095;
// Extended attributes: a header, of which the first slot has 12 bytes and the others 4.
constexpr std::uint64_t k_first_attribute_slot = 12;
constexpr std::uint64_t k_attribute_slot = 4;

std::uint64_t attribute_bytes(std::uint16_t slots) {
    return slots == 0 ? 0 : k_first_attribute_slot + (slots - 1U) * k_attribute_slot;
}

// Times that Nanoseconds cannot tell are those of 1970.
Nanoseconds time_of(std::uint64_t seconds, std::uint32_t nanoseconds) {
    constexpr std::uint64_t k_most_seconds = INT64_MAX / vfs::k_second - 1;
    if (seconds > k_most_seconds || nanoseconds >= vfs::k_second)
        return {};
    return {static_cast<std::int64_t>(seconds) * vfs::k_second + nanoseconds};
}

bool has_contents(std::uint32_t mode) {
    const std::uint32_t kind = mode & vfs::k_mode_kind_mask;
    return kind == vfs::k_mode_regular || kind == vfs::k_mode_directory ||
           kind == vfs::k_mode_symbolic_link;
}

bool is_known_kind(std::uint32_t mode) {
    const std::uint32_t kind = mode & vfs::k_mode_kind_mask;
    return has_contents(mode) || kind == vfs::k_mode_character ||
           kind == vfs::k_mode_block_device || kind == vfs::k_mode_fifo ||
           kind == vfs::k_mode_socket;
}

} // namespace

Result<Volume> Volume::create(BlockSource& source, const char*& why) {
    Volume volume(source);
    volume.blocks_ = source.block_count();
    why = "its first block cannot be read";
    Superblock super;
    UNIK_TRY(volume.read(vocabulary::erofs::k_superblock_offset,
                         {reinterpret_cast<std::uint8_t*>(&super), sizeof super}));
    why = "it has no superblock";
    if (super.magic != vocabulary::erofs::k_magic)
        return Errno::euclean;
    why = "its blocks have another size than 4096 bytes";
    if (super.block_bits != vocabulary::erofs::k_block_bits || super.directory_block_bits != 0)
        return Errno::euclean;
    why = "it needs features that are not known, such as compression";
    if (super.incompatible_features != 0)
        return Errno::euclean;
    why = "it is shorter than its superblock says";
    if (super.blocks == 0 || super.blocks > volume.blocks_)
        return Errno::euclean;
    volume.blocks_ = super.blocks;
    volume.first_inode_ = std::uint64_t{super.meta_block} * k_block_size;
    volume.root_node_ = super.root_node;
    volume.inode_count_ = super.inode_count;
    volume.time_ = time_of(super.time, super.time_nanoseconds);
    return volume;
}

Result<void> Volume::read(std::uint64_t offset, MutableBytes out) const {
    while (!out.empty()) {
        if (offset / k_block_size >= blocks_)
            return Errno::euclean;
        const HeldBlock block = UNIK_TRY(HeldBlock::create(*source_, offset / k_block_size));
        const Bytes part =
            block.bytes().part(static_cast<std::size_t>(offset % k_block_size), out.size());
        __builtin_memcpy(out.data(), part.data(), part.size());
        out = out.part(part.size());
        offset += part.size();
    }
    return {};
}

Result<void> Volume::read_compact(std::uint64_t offset, InodeRecord& out) const {
    CompactInode inode;
    UNIK_TRY(read(offset, {reinterpret_cast<std::uint8_t*>(&inode), sizeof inode}));
    out.mode = inode.mode;
    out.links = inode.links;
    out.user = inode.owner;
    out.group = inode.group;
    out.size = inode.size;
    out.first_block = inode.first_block;
    out.modified = time_;
    return locate(inode.format, offset + sizeof inode + attribute_bytes(inode.attribute_slots),
                  out);
}

Result<void> Volume::read_extended(std::uint64_t offset, InodeRecord& out) const {
    ExtendedInode inode;
    UNIK_TRY(read(offset, {reinterpret_cast<std::uint8_t*>(&inode), sizeof inode}));
    out.mode = inode.mode;
    out.links = inode.links;
    out.user = inode.owner;
    out.group = inode.group;
    out.size = inode.size;
    out.first_block = inode.first_block;
    out.modified = time_of(inode.time, inode.time_nanoseconds);
    return locate(inode.format, offset + sizeof inode + attribute_bytes(inode.attribute_slots),
                  out);
}

// `behind`: the byte behind the inode and its attributes, where a tail lies.
Result<void> Volume::locate(std::uint16_t format, std::uint64_t behind, InodeRecord& out) const {
    if (!is_known_kind(out.mode))
        return Errno::euclean;
    if (!has_contents(out.mode)) {
        out.device = out.first_block; // as Linux's new_encode_dev, which is dev_t's low half
        out.size = 0;
        return {};
    }
    if ((out.mode & vfs::k_mode_kind_mask) == vfs::k_mode_symbolic_link &&
        (out.size == 0 || out.size > k_longest_link))
        return Errno::euclean;
    const Placement placement = vocabulary::erofs::placement_of(format);
    std::uint64_t blocks = out.pages();
    if (placement == Placement::inline_tail) {
        const std::uint64_t tail = out.size % k_block_size;
        if (out.size != 0 && (tail == 0 || behind % k_block_size + tail > k_block_size))
            return Errno::euclean;
        if (behind / k_block_size >= blocks_ && tail != 0)
            return Errno::euclean;
        out.tail = tail != 0 ? behind : 0;
        blocks = out.whole_blocks();
    } else if (placement != Placement::plain) {
        return Errno::euclean;
    }
    if (blocks != 0 && (blocks > blocks_ || out.first_block > blocks_ - blocks))
        return Errno::euclean;
    return {};
}

Result<InodeRecord> Volume::inode(std::uint64_t node) const {
    const std::uint64_t end = blocks_ * k_block_size;
    if (first_inode_ >= end || node >= (end - first_inode_) / k_node_step)
        return Errno::euclean;
    const std::uint64_t offset = first_inode_ + node * k_node_step;
    vocabulary::Le16 format;
    UNIK_TRY(read(offset, {reinterpret_cast<std::uint8_t*>(&format), sizeof format}));
    if ((format & ~k_known_format) != 0)
        return Errno::euclean;
    InodeRecord out;
    out.node = node;
    UNIK_TRY((format & vocabulary::erofs::k_format_extended) != 0 ? read_extended(offset, out)
                                                                  : read_compact(offset, out));
    return out;
}

Result<HeldBytes> Volume::page(const InodeRecord& inode, std::uint64_t page,
                               std::uint64_t ahead) const {
    const std::uint64_t left = inode.size - page * k_block_size;
    const auto size = static_cast<std::size_t>(left < k_block_size ? left : k_block_size);
    if (inode.in_tail(page)) {
        HeldBlock block = UNIK_TRY(HeldBlock::create(*source_, inode.tail / k_block_size));
        const Bytes bytes =
            block.bytes().part(static_cast<std::size_t>(inode.tail % k_block_size), size);
        return HeldBytes{std::move(block), bytes};
    }
    HeldBlock block = UNIK_TRY(HeldBlock::create(*source_, inode.first_block + page, ahead));
    const Bytes bytes = block.bytes().part(0, size);
    return HeldBytes{std::move(block), bytes};
}

} // namespace os::erofs
