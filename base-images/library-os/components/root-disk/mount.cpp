// Finding the image's partition among the disks that the drivers have found.
#include <console/console.hpp>
#include <erofs/erofs.hpp>
#include <foundation/panic.hpp>
#include <memory/frames.hpp>
#include <memory/usage.hpp>
#include <vocabulary/root_layout.hpp>

#include "checked_image.hpp"

extern "C" const vocabulary::RootRecord unik_root;

namespace os::root_disk {

Result<void> mount(const char* mount_point);

namespace {

using vocabulary::k_root_block_size;

// Half of the memory at most: what the program itself needs must not be torn to single pages.
constexpr std::uint64_t k_share = 2;

struct Found {
    block::BlockDevice* disk = nullptr;
    Partition partition;
};

const char* outcome(Errno error) {
    switch (error) {
    case Errno::enoent: return "its partition table does not have it";
    case Errno::euclean: return "it has no good GUID partition table";
    case Errno::enospc: return "it has it, but smaller than the image and its hash tree";
    default: return "it cannot be read";
    }
}

Result<Partition> find_on(block::BlockDevice& disk, const Guid& guid, std::uint64_t size) {
    const Partition partition = UNIK_TRY(find_partition(disk, guid));
    if (partition.size < size)
        return Errno::enospc;
    return partition;
}

// Without it there is nothing to run: the report says what was looked for, and where.
Found find(const Guid& guid, std::uint64_t size) {
    List<block::BlockDevice>& disks = block::registered_devices();
    for (block::BlockDevice* disk = disks.front(); disk != nullptr; disk = disks.next(*disk))
        if (const Result<Partition> partition = find_on(*disk, guid, size); partition.ok())
            return {disk, partition.value()};
    unsigned count = 0;
    disks.for_each([&](block::BlockDevice& disk) {
        const Result<Partition> partition = find_on(disk, guid, size);
        console::log("looked for the root file system on %s (%llu bytes): %s", disk.name(),
                     static_cast<unsigned long long>(block::byte_size(disk)),
                     outcome(partition.ok() ? Errno::eio : partition.error()));
        ++count;
    });
    panic("the root file system was not found: expected a partition with the GUID %s and at least "
          "%llu bytes, looked on %u disks; attach the disk that was built with this kernel",
          to_text(guid).text, static_cast<unsigned long long>(size), count);
}

constinit CheckedImage* g_image = nullptr;
constinit memory::MemoryUser g_user("the page cache", [] {
    return g_image->pages().size() + g_image->tree_pages().size();
});

} // namespace

Result<void> mount(const char* mount_point) {
    Guid guid;
    __builtin_memcpy(guid.bytes, unik_root.partition, sizeof guid.bytes);
    Sha256Digest digest;
    __builtin_memcpy(digest.bytes, unik_root.root_digest, sizeof digest.bytes);
    const std::uint64_t blocks = unik_root.size / k_root_block_size;
    const Found found = find(guid, (blocks + HashTree(blocks).block_count()) * k_root_block_size);
    CheckedImage& image =
        *UNIK_TRY(try_make<CheckedImage>(*found.disk, found.partition, blocks, digest,
                                         memory::frame_count().total / k_share))
             .release();
    g_image = &image;
    memory::register_user(g_user);
    memory::register_reclaimer(image.pages());
    memory::register_reclaimer(image.tree_pages());
    return erofs::mount(mount_point, image);
}

} // namespace os::root_disk
