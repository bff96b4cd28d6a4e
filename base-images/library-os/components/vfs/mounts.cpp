// The mounted file systems, and vfs's start step, which mounts those of the image.
#include <vfs/mount.hpp>

#include <console/console.hpp>
#include <foundation/format.hpp>
#include <foundation/immortal.hpp>
#include <vfs/path.hpp>
#include <vocabulary/image_layout.hpp>

extern "C" const vocabulary::ImageHeader unik_image;
extern "C" const vocabulary::FilesystemEntry unik_filesystems[];

namespace os::vfs {

namespace {

constexpr std::size_t k_most_mounts = 16;
constinit Immortal<Mount[k_most_mounts]> g_mounts;
constinit std::uint64_t g_next_device = 1;

const char* point_of(const vocabulary::FilesystemEntry& entry) {
    return reinterpret_cast<const char*>(entry.mount_point);
}

} // namespace

Result<void> mount(const char* mount_point, Ref<Inode> root) {
    Mount* free = nullptr;
    for (Mount& mount : g_mounts.value)
        if (!mount.used()) {
            free = &mount;
            break;
        }
    if (free == nullptr)
        return Errno::enomem;
    const StringView path(mount_point);
    if (path.size() >= sizeof free->path)
        return Errno::enametoolong;
    if (!(path == "/")) {
        UNIK_TRY(make_directories(path));
        free->point = UNIK_TRY(resolve(k_at_working_directory, path));
        free->point->mounted_here = free;
    }
    root->filesystem().device = device_number(0, g_next_device++);
    free->root = std::move(root);
    format(free->path, sizeof free->path, "%s", mount_point);
    if (!free->point)
        return set_working_directory(free->root);
    return {};
}

void for_each_mount(void (*visit)(const Mount&, void*), void* argument) {
    for (const Mount& mount : g_mounts.value)
        if (mount.used())
            visit(mount, argument);
}

const Mount* mount_of_root(const Inode& inode) {
    for (const Mount& mount : g_mounts.value)
        if (mount.root.get() == &inode)
            return &mount;
    return nullptr;
}

Ref<Inode> root_directory() {
    return g_mounts.value[0].root;
}

// Outer mount points come before inner ones, that is shorter paths first.
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
            if (!mounted.ok()) {
                console::log("cannot mount %s: error %d", point_of(entry),
                             static_cast<int>(mounted.error()));
                return mounted.error();
            }
        }
    return {};
}

} // namespace os::vfs
