// Mounting.
#include <tmpfs/tmpfs.hpp>

#include <console/console.hpp>
#include <foundation/immortal.hpp>
#include <vfs/mount.hpp>
#include <vocabulary/image_layout.hpp>

#include "node.hpp"
#include "unpack.hpp"

extern "C" const vocabulary::ImageHeader unik_image;

namespace os::tmpfs {

namespace {

constinit Tmpfs g_root_filesystem;
constinit Tmpfs g_empty_filesystem;

Result<Ref<Directory>> make_root(Tmpfs& filesystem, std::uint32_t permissions) {
    return try_make_ref<Directory>(filesystem, vfs::k_mode_directory | permissions);
}

// What programs expect to be there, where the archive does not bring it.
Result<void> add_customary_directories(Directory& root) {
    constexpr struct {
        const char* name;
        std::uint32_t permissions;
    } k_directories[] = {{"tmp", 01777}, {"run", 0755}, {"etc", 0755}};
    for (const auto& directory : k_directories)
        if (!root.lookup(directory.name).ok())
            UNIK_TRY(root.create(directory.name, vfs::k_mode_directory | directory.permissions));
    return {};
}

} // namespace

Result<void> mount_root(const char* mount_point) {
    const Ref<Directory> root = UNIK_TRY(make_root(g_root_filesystem, 0755));
    if (unik_image.archive_size > 0) {
        const Bytes archive(reinterpret_cast<const std::uint8_t*>(unik_image.archive),
                            static_cast<std::size_t>(unik_image.archive_size));
        const Result<Unpacked> unpacked = unpack(archive, g_root_filesystem, *root);
        if (!unpacked.ok()) {
            console::log("the image's file archive is damaged: expected a cpio \"newc\" archive of "
                         "%zu bytes; build the image again",
                         archive.size());
            return unpacked.error();
        }
        if (unpacked->left_out > 0)
            console::log("%u device files of the image were left out: /dev has its own",
                         unpacked->left_out);
    }
    UNIK_TRY(add_customary_directories(*root));
    return vfs::mount(mount_point, root);
}

Result<void> mount_empty(const char* mount_point) {
    const Ref<Directory> root = UNIK_TRY(make_root(g_empty_filesystem, 01777));
    return vfs::mount(mount_point, root);
}

} // namespace os::tmpfs
