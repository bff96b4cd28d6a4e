// Mounting.
#include <tmpfs/tmpfs.hpp>

#include <configuration/configuration.hpp>
#include <console/console.hpp>
#include <vfs/mount.hpp>
#include <vfs/path.hpp>
#include <vocabulary/image_layout.hpp>

#include "configured_mount.hpp"
#include "node.hpp"
#include "unpack.hpp"

extern "C" const vocabulary::ImageHeader unik_image;

namespace os::tmpfs {

namespace {

// The last record of a path counts.
std::uint64_t configured_pages(StringView path, std::uint64_t otherwise) {
    ConfiguredMount mount;
    for (std::size_t i = 0;; ++i) {
        const StringView record = configuration::setting(k_mount_key, i);
        if (record.data() == nullptr)
            return otherwise;
        if (read_mount(record, mount) && mount.path == path)
            otherwise = mount.pages;
    }
}

Result<Ref<Directory>> make_root(const char* mount_point, std::uint32_t permissions) {
    const std::uint64_t limit = configured_pages(mount_point, default_page_limit());
    Tmpfs& filesystem = *UNIK_TRY(try_make<Tmpfs>(limit)).release();
    return try_make_ref<Directory>(filesystem, vfs::k_mode_directory | permissions);
}

bool is_mounted(StringView path) {
    const Result<Ref<vfs::Inode>> found = vfs::resolve(vfs::k_at_working_directory, path);
    return found.ok() && vfs::mount_of_root(*found.value()) != nullptr;
}

Result<void> mount_configured(StringView path) {
    String text;
    UNIK_TRY(text.append(Span<const char>(path.data(), path.size())));
    UNIK_TRY(text.push(0));
    const Result<void> mounted = mount_empty(text.data());
    if (!mounted.ok())
        console::log(
            "cannot mount a tmpfs at %s (error %d): the root file system must have it as a "
            "folder",
            text.data(), static_cast<int>(mounted.error()));
    return mounted;
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
    const Ref<Directory> root = UNIK_TRY(make_root(mount_point, 0755));
    if (unik_image.archive_size > 0) {
        const Bytes archive(reinterpret_cast<const std::uint8_t*>(unik_image.archive),
                            static_cast<std::size_t>(unik_image.archive_size));
        const Result<Unpacked> unpacked =
            unpack(archive, static_cast<Tmpfs&>(root->filesystem()), *root);
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
    // As Debian has them: anybody's, but /run.
    const bool shared = !(StringView(mount_point) == "/run");
    return vfs::mount(mount_point, UNIK_TRY(make_root(mount_point, shared ? 01777 : 0755)));
}

// Those that the configuration adds to the customary ones, which vfs has mounted.
Result<void> start() {
    for (std::size_t i = 0;; ++i) {
        const StringView record = configuration::setting(k_mount_key, i);
        if (record.data() == nullptr)
            return {};
        ConfiguredMount mount;
        if (!read_mount(record, mount)) {
            console::log("expected tmpfs=PATH,BYTES with an absolute path, found tmpfs=%.*s",
                         static_cast<int>(record.size()), record.data());
            return Errno::einval;
        }
        if (!is_mounted(mount.path))
            UNIK_TRY(mount_configured(mount.path));
    }
}

} // namespace os::tmpfs
