// The mounted file systems, and vfs's start step, which mounts those of the image.
#include <vfs/mount.hpp>

#include <console/console.hpp>
#include <control/control.hpp>
#include <foundation/immortal.hpp>
#include <vfs/path.hpp>
#include <vocabulary/image_layout.hpp>

extern "C" const vocabulary::ImageHeader unik_image;
extern "C" const vocabulary::FilesystemEntry unik_filesystems[];

namespace os::vfs {

namespace {

constinit Immortal<List<Mount>> g_mounts; // the root first; for ever
constinit std::uint64_t g_next_device = 1;
constexpr int k_cannot_start = 126; // as a shell tells of a program that is there

const char* point_of(const vocabulary::FilesystemEntry& entry) {
    return reinterpret_cast<const char*>(entry.mount_point);
}

void report_failure(const char* point, Errno error) {
    if (error == Errno::erofs)
        console::log("cannot mount %s: the root file system has no such folder, and it cannot be "
                     "made there; add it to the image's files",
                     point);
    else
        console::log("cannot mount %s: error %d", point, static_cast<int>(error));
}

} // namespace

Result<void> mount(const char* mount_point, Ref<Inode> root) {
    const StringView path(mount_point);
    Own<Mount> mount = UNIK_TRY(try_make<Mount>());
    UNIK_TRY(mount->path.append(Span<const char>(mount_point, path.size() + 1)));
    if (!(path == "/")) {
        if (!resolve(k_at_working_directory, path).ok())
            UNIK_TRY(make_directories(path));
        mount->point = UNIK_TRY(resolve(k_at_working_directory, path));
        if (!mount->point->is_directory())
            return Errno::enotdir;
        mount->point->mounted_here = mount.get();
    }
    root->filesystem().device = device_number(0, g_next_device++);
    mount->root = std::move(root);
    g_mounts->push_back(*mount);
    const Mount& mounted = *mount.release();
    return mounted.point ? Result<void>() : set_working_directory(mounted.root);
}

void for_each_mount(void (*visit)(const Mount&, void*), void* argument) {
    g_mounts->for_each([&](const Mount& mount) { visit(mount, argument); });
}

const Mount* mount_of_root(const Inode& inode) {
    for (Mount* mount = g_mounts->front(); mount != nullptr; mount = g_mounts->next(*mount))
        if (mount->root.get() == &inode)
            return mount;
    return nullptr;
}

Ref<Inode> root_directory() {
    const Mount* mount = g_mounts->front();
    return mount != nullptr ? mount->root : Ref<Inode>();
}

// Outer mount points come before inner ones, that is shorter paths first. Where the root file
// system is damaged, the program is told what it can still have.
Result<void> start() {
    std::size_t longest = 0;
    for (std::uint32_t i = 0; i < unik_image.filesystem_count; ++i) {
        const std::size_t size = StringView(point_of(unik_filesystems[i])).size();
        longest = size > longest ? size : longest;
    }
    for (std::size_t size = 1; size <= longest; ++size)
        for (std::uint32_t i = 0; i < unik_image.filesystem_count; ++i) {
            const vocabulary::FilesystemEntry& entry = unik_filesystems[i];
            if (StringView(point_of(entry)).size() != size)
                continue;
            const auto mount_function =
                reinterpret_cast<Result<void> (*)(const char*)>(entry.mount);
            const Result<void> mounted = mount_function(point_of(entry));
            if (!mounted.ok())
                report_failure(point_of(entry), mounted.error());
            if (!mounted.ok() && size == 1) // the root
                control::exit(k_cannot_start);
        }
    return {};
}

} // namespace os::vfs
