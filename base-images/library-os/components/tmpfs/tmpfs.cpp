// Mounting.
#include <tmpfs/tmpfs.hpp>

#include <configuration/configuration.hpp>
#include <console/console.hpp>
#include <vfs/mount.hpp>
#include <vfs/path.hpp>

#include "configured_mount.hpp"
#include "node.hpp"

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

bool is_mounted(StringView path) {
    const Result<Ref<vfs::Inode>> found = vfs::resolve(vfs::k_at_working_directory, path);
    return found.ok() && vfs::mount_of_root(*found.value()) != nullptr;
}

Result<void> mount_configured(StringView path) {
    String text;
    UNIK_TRY(text.append(Span<const char>(path.data(), path.size())));
    UNIK_TRY(text.push(0));
    const Result<void> mounted = mount(text.data());
    if (!mounted.ok())
        console::log(
            "cannot mount a tmpfs at %s (error %d): the root file system must have it as a "
            "folder",
            text.data(), static_cast<int>(mounted.error()));
    return mounted;
}

} // namespace

Result<Ref<vfs::Inode>> make_root(const char* mount_point, std::uint32_t permissions) {
    const std::uint64_t limit = configured_pages(mount_point, default_page_limit());
    Tmpfs& filesystem = *UNIK_TRY(try_make<Tmpfs>(limit)).release();
    return Ref<vfs::Inode>(
        UNIK_TRY(try_make_ref<Directory>(filesystem, vfs::k_mode_directory | permissions)));
}

Result<void> mount(const char* mount_point) {
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
