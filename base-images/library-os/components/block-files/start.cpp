// Gives each disk that the drivers have found a name in /dev.
#include <devfs/devfs.hpp>

#include "device_numbers.hpp"
#include "disk_file.hpp"

namespace os::block_files {

Result<void> start();

namespace {

constexpr std::uint32_t k_permissions = 0660;

constinit List<Disk> g_disks;

Result<Ref<vfs::File>> open_disk(std::uint32_t flags, vfs::Inode& inode) {
    for (Disk* disk = g_disks.front(); disk != nullptr; disk = g_disks.next(*disk)) {
        if (!(inode.name() == disk->device.name()))
            continue;
        if ((flags & vfs::k_open_access_mask) != 0 &&
            disk->device.access() == block::Access::read_only)
            return Errno::erofs;
        return Ref<vfs::File>(
            UNIK_TRY(try_make_ref<DiskFile>(Ref<vfs::Inode>::share(&inode), flags, *disk)));
    }
    return Errno::enxio;
}

} // namespace

Result<void> start() {
    List<block::BlockDevice>& devices = block::registered_devices();
    DeviceNumbers numbers;
    for (block::BlockDevice* device = devices.front(); device != nullptr;
         device = devices.next(*device)) {
        Disk& disk = *UNIK_TRY(try_make<Disk>(*device)).release();
        disk.node.node = vfs::block_device_node(device->name(), k_permissions,
                                                numbers.next(device->name()), open_disk);
        g_disks.push_back(disk);
        devfs::add(disk.node);
    }
    return {};
}

} // namespace os::block_files
