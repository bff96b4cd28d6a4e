// A root with nothing but places to mount at, read-only like any other once those are there.
#include <tmpfs/tmpfs.hpp>
#include <vfs/mount.hpp>
#include <vfs/path.hpp>

namespace os::root_memory {

Result<void> mount(const char* mount_point);
Result<void> start();

namespace {

// As the tool puts them into the roots of other images: what the kernel writes for C libraries lies
// in memory.
constexpr const char* k_written_files[] = {"hosts", "hostname", "resolv.conf"};

} // namespace

Result<void> mount(const char* mount_point) {
    const Ref<vfs::Inode> root = UNIK_TRY(tmpfs::make_root(mount_point, 0755));
    const Ref<vfs::Inode> etc = UNIK_TRY(root->create("etc", vfs::k_mode_directory | 0755));
    for (const char* name : k_written_files) {
        String target;
        UNIK_TRY(target.append(Span<const char>("/run/", 5)));
        const StringView text(name);
        UNIK_TRY(target.append(Span<const char>(text.data(), text.size())));
        UNIK_TRY(etc->create_link(text, {target.data(), target.size()}));
    }
    return vfs::mount(mount_point, root);
}

// The mount points have been made.
Result<void> start() {
    vfs::root_directory()->filesystem().read_only = true;
    return {};
}

} // namespace os::root_memory
