// A block's way to its user: read, its digest found in the tree's level 0, compared, kept. The
// tree's blocks are read the same way, from the top down, each while the one above it is held, so
// that none of them is looked for in the middle of another's reading.
#include "checked_image.hpp"

#include <arch/paging.hpp>
#include <block/transfer_buffer.hpp>
#include <control/control.hpp>

namespace os::root_disk {

namespace {

using vocabulary::k_root_block_size;

MutableBytes bytes_of(PhysAddr frame) {
    return {static_cast<std::uint8_t*>(arch::physical_pointer(frame)), k_root_block_size};
}

Result<void> read_all(block::BlockDevice& disk, std::uint64_t offset, MutableBytes out) {
    return UNIK_TRY(block::read(disk, offset, out)) == out.size() ? Result<void>() : Errno::eio;
}

Sha256Digest digest_in(PhysAddr frame, std::uint32_t byte) {
    Sha256Digest out;
    __builtin_memcpy(out.bytes, bytes_of(frame).data() + byte, sizeof out.bytes);
    return out;
}

} // namespace

CheckedImage::CheckedImage(block::BlockDevice& disk, const Partition& partition,
                           std::uint64_t blocks, const Sha256Digest& root, std::uint64_t limit)
    : disk_(disk), partition_(partition), blocks_(blocks), tree_(blocks), root_(root),
      pages_(image_blocks_, blocks, limit), tree_pages_(tree_blocks_, tree_.block_count(), limit) {}

Errno CheckedImage::refuse(std::uint64_t block, const char* of_what) {
    constexpr unsigned k_most_reports = 32; // a bad disk must not drown the console
    if (reports_ < k_most_reports) {
        ++reports_;
        control::warn("root-damaged",
                      "%s: block %llu of %s is not as the image was built: its digest is another; "
                      "reading it fails",
                      disk_.name(), static_cast<unsigned long long>(block), of_what);
    }
    return Errno::eio;
}

Result<Sha256Digest> CheckedImage::digest_of_block(std::uint64_t block) {
    if (tree_.level_count() == 0)
        return root_;
    std::uint64_t held = 0; // the top
    PhysAddr frame = UNIK_TRY(tree_pages_.hold(held));
    for (unsigned level = tree_.level_count() - 1; level-- > 0;) {
        const std::uint64_t next = tree_.ancestor(level, block);
        const Result<PhysAddr> below = tree_pages_.hold(next);
        tree_pages_.release(held);
        if (!below.ok())
            return below.error();
        held = next;
        frame = below.value();
    }
    const Sha256Digest digest = digest_in(frame, tree_.image_block(block).byte);
    tree_pages_.release(held);
    return digest;
}

Result<Sha256Digest> CheckedImage::digest_of_tree_block(std::uint64_t block) {
    if (block == 0)
        return root_;
    const HashTree::Place place = tree_.tree_block(block);
    const PhysAddr frame = UNIK_TRY(tree_pages_.hold(place.block));
    const Sha256Digest digest = digest_in(frame, place.byte);
    tree_pages_.release(place.block);
    return digest;
}

Result<std::size_t> CheckedImage::read_tree_block(std::uint64_t block, PhysAddr frame) {
    const MutableBytes bytes = bytes_of(frame);
    UNIK_TRY(read_all(disk_, partition_.offset + (blocks_ + block) * k_root_block_size, bytes));
    if (!(sha256(bytes) == UNIK_TRY(digest_of_tree_block(block))))
        return refuse(block, "the root file system's hash tree");
    return std::size_t{1};
}

Result<std::size_t> CheckedImage::read_unchecked(std::uint64_t first, Span<const PhysAddr> frames) {
    const std::uint64_t offset = partition_.offset + first * k_root_block_size;
    if (frames.size() == 1) {
        UNIK_TRY(read_all(disk_, offset, bytes_of(frames[0])));
        return std::size_t{1};
    }
    const block::TransferBuffer buffer =
        UNIK_TRY(block::TransferBuffer::create(frames.size() * k_root_block_size));
    const std::size_t room = buffer.size() / k_root_block_size;
    const std::size_t count = frames.size() < room ? frames.size() : room;
    const MutableBytes bytes = buffer.part(count * k_root_block_size);
    UNIK_TRY(read_all(disk_, offset, bytes));
    for (std::size_t i = 0; i < count; ++i)
        __builtin_memcpy(bytes_of(frames[i]).data(), bytes.data() + i * k_root_block_size,
                         k_root_block_size);
    return count;
}

// What is wrong with a block behind the first is told when somebody wants it.
Result<std::size_t> CheckedImage::read_blocks(std::uint64_t first, Span<const PhysAddr> frames) {
    Result<std::size_t> count = read_unchecked(first, frames);
    if (!count.ok() && frames.size() > 1)
        count = read_unchecked(first, frames.part(0, 1));
    if (!count.ok())
        return count.error();
    for (std::size_t i = 0; i < count.value(); ++i) {
        const Result<Sha256Digest> expected = digest_of_block(first + i);
        if (expected.ok() && sha256(bytes_of(frames[i])) == expected.value())
            continue;
        if (i > 0)
            return i;
        return expected.ok() ? refuse(first, "the root file system") : expected.error();
    }
    return count;
}

} // namespace os::root_disk
