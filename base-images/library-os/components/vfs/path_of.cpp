// From inodes back to path names.
#include <vfs/mount.hpp>
#include <vfs/path.hpp>

namespace os::vfs {

namespace {

// Visits the names from the innermost outwards.
template <typename Visitor>
void for_each_name(Inode& inode, Visitor visit) {
    Inode* at = &inode;
    for (;;) {
        if (at->parent() != nullptr || at->removed()) {
            visit(at->name());
            at = at->parent();
            if (at == nullptr)
                return;
            continue;
        }
        const Mount* mount = mount_of_root(*at);
        if (mount == nullptr || !mount->point)
            return;
        at = mount->point.get();
    }
}

constexpr StringView k_deleted = " (deleted)";

} // namespace

Result<String> path_of(Inode& inode) {
    std::size_t size = inode.removed() ? k_deleted.size() : 0;
    for_each_name(inode, [&](StringView name) { size += name.size() + 1; });
    String out;
    UNIK_TRY(out.resize(size > 0 ? size : 1));
    std::size_t at = size;
    const auto prepend = [&](StringView text) {
        at -= text.size();
        __builtin_memcpy(out.data() + at, text.data(), text.size());
    };
    if (inode.removed())
        prepend(k_deleted);
    for_each_name(inode, [&](StringView name) {
        prepend(name);
        prepend("/");
    });
    if (size == 0)
        out[0] = '/';
    return out;
}

} // namespace os::vfs
