// From path names to inodes.
//
// The walk goes name by name. A symbolic link puts its text in front of what is left; more than 40
// links, or a path that grows beyond PATH_MAX, end it with eloop or enametoolong, so that a cycle
// cannot hold it. ".." at the root of a mounted file system goes on from the directory it covers.
#include <foundation/immortal.hpp>
#include <vfs/file_table.hpp>
#include <vfs/mount.hpp>
#include <vfs/path.hpp>

namespace os::vfs {

namespace {

constexpr unsigned k_most_links = 40;

constinit Immortal<Ref<Inode>> g_working_directory;
constinit std::uint32_t g_creation_mask = 022;

Ref<Inode> uncovered(Ref<Inode> inode) {
    while (inode->mounted_here != nullptr)
        inode = inode->mounted_here->root;
    return inode;
}

Ref<Inode> parent_of(Ref<Inode> directory) {
    while (directory->parent() == nullptr) {
        const Mount* mount = mount_of_root(*directory);
        if (mount == nullptr || !mount->point)
            return directory;
        directory = mount->point;
    }
    return Ref<Inode>::share(directory->parent());
}

Result<Ref<Inode>> starting_directory(int directory, StringView path, ResolveRules rules) {
    if (path.starts_with("/") && (rules & k_resolve_in_root) == 0) {
        if ((rules & k_resolve_beneath) != 0)
            return Errno::exdev;
        Ref<Inode> root = root_directory();
        if (!root)
            return Errno::enoent;
        return root;
    }
    if (directory == k_at_working_directory) {
        if (!g_working_directory.value)
            return Errno::enoent;
        return g_working_directory.value;
    }
    const Ref<File> file = UNIK_TRY(file_of(directory));
    if (file->inode() == nullptr || !file->inode()->is_directory())
        return Errno::enotdir;
    return Ref<Inode>::share(file->inode());
}

class Walk {
public:
    Walk(Ref<Inode> start, StringView path, ResolveRules rules)
        : current_(std::move(start)), rest_(path), rules_(rules) {
        if (rules != 0)
            start_ = current_;
    }
    Result<LastName> run(FollowLast follow);

private:
    // Takes the next name off rest_; false at the end.
    bool next_name();
    bool is_last() const;
    Result<void> go_up();
    Result<void> enter(Ref<Inode> found);
    Result<void> insert_link(Inode& link);
    // Goes through a symbolic link; true when the walk is over because it led to an inode.
    Result<void> follow_link(Ref<Inode> link);

    Ref<Inode> current_;
    StringView rest_;
    StringView name_;
    String buffer_; // holds rest_ once a link was followed
    unsigned links_ = 0;
    ResolveRules rules_;
    Ref<Inode> start_; // where there are rules
};

constexpr ResolveRules k_resolve_scoped = k_resolve_beneath | k_resolve_in_root;

bool Walk::next_name() {
    std::size_t start = 0;
    while (start < rest_.size() && rest_[start] == '/')
        ++start;
    const StringView tail = rest_.part(start);
    const std::size_t slash = tail.find('/');
    name_ = tail.part(0, slash);
    rest_ = slash == StringView::npos ? StringView() : tail.part(slash);
    return !name_.empty();
}

bool Walk::is_last() const {
    for (const char c : rest_)
        if (c != '/')
            return false;
    return true;
}

Result<void> Walk::go_up() {
    if ((rules_ & k_resolve_scoped) != 0 && current_.get() == start_.get())
        return (rules_ & k_resolve_beneath) != 0 ? Errno::exdev : Result<void>();
    return enter(parent_of(current_));
}

Result<void> Walk::enter(Ref<Inode> found) {
    if ((rules_ & k_resolve_no_other_mount) != 0 && &found->filesystem() != &current_->filesystem())
        return Errno::exdev;
    current_ = std::move(found);
    return {};
}

Result<void> Walk::insert_link(Inode& link) {
    String text = UNIK_TRY(link.read_link());
    if (text.empty())
        return Errno::enoent;
    if (text.size() + rest_.size() > k_longest_path)
        return Errno::enametoolong;
    UNIK_TRY(text.append(Span<const char>(rest_.data(), rest_.size())));
    buffer_ = std::move(text);
    rest_ = StringView(buffer_.data(), buffer_.size());
    if (rest_[0] != '/')
        return {};
    if ((rules_ & k_resolve_beneath) != 0)
        return Errno::exdev;
    return enter((rules_ & k_resolve_in_root) != 0 ? start_ : root_directory());
}

Result<void> Walk::follow_link(Ref<Inode> link) {
    if (++links_ > k_most_links)
        return Errno::eloop;
    if ((rules_ & k_resolve_no_links) != 0)
        return Errno::eloop;
    Result<Ref<Inode>> led = link->follow();
    if (led.ok()) {
        if ((rules_ & k_resolve_no_magic_links) != 0)
            return Errno::eloop;
        if ((rules_ & (k_resolve_scoped | k_resolve_no_other_mount)) != 0)
            return Errno::exdev;
        current_ = std::move(led).value();
        return {};
    }
    if (led.error() != Errno::enoent)
        return led.error();
    return insert_link(*link);
}

Result<LastName> Walk::run(FollowLast follow) {
    LastName out;
    while (next_name()) {
        if (!current_->is_directory())
            return Errno::enotdir;
        const bool last = is_last();
        if (name_ == ".") {
            out.dot = last;
            continue;
        }
        if (name_ == "..") {
            UNIK_TRY(go_up());
            continue;
        }
        if (name_.size() > k_longest_name)
            return Errno::enametoolong;
        Result<Ref<Inode>> found = current_->lookup(name_);
        if (!found.ok() && (found.error() != Errno::enoent || !last))
            return found.error();
        const bool slash = last && !rest_.empty();
        if (found.ok() && found.value()->is_symbolic_link() &&
            (!last || follow == FollowLast::yes || (slash && follow == FollowLast::no))) {
            UNIK_TRY(follow_link(std::move(found).value()));
            continue;
        }
        if (!last) {
            UNIK_TRY(enter(uncovered(std::move(found).value())));
            continue;
        }
        out.directory = current_;
        out.name_size = name_.size();
        __builtin_memcpy(out.name, name_.data(), name_.size());
        out.wants_directory = slash;
        if (found.ok()) {
            UNIK_TRY(enter(uncovered(std::move(found).value())));
            out.inode = current_;
        }
        if (out.inode && slash && !out.inode->is_directory() && follow != FollowLast::never)
            return Errno::enotdir;
        return out;
    }
    if (!rest_.empty() && !current_->is_directory())
        return Errno::enotdir;
    out.inode = current_;
    return out;
}

} // namespace

Result<LastName> resolve_last(int directory, StringView path, FollowLast follow,
                              ResolveRules rules) {
    if (path.empty())
        return Errno::enoent;
    if (path.size() > k_longest_path)
        return Errno::enametoolong;
    return Walk(UNIK_TRY(starting_directory(directory, path, rules)), path, rules).run(follow);
}

Result<Ref<Inode>> resolve(int directory, StringView path, FollowLast follow) {
    LastName last = UNIK_TRY(resolve_last(directory, path, follow));
    if (!last.inode)
        return Errno::enoent;
    return std::move(last.inode);
}

Ref<Inode> working_directory() {
    return g_working_directory.value;
}

Result<void> set_working_directory(Ref<Inode> directory) {
    if (!directory->is_directory())
        return Errno::enotdir;
    g_working_directory.value = std::move(directory);
    return {};
}

std::uint32_t set_creation_mask(std::uint32_t mask) {
    const std::uint32_t old = g_creation_mask;
    g_creation_mask = mask & 0777;
    return old;
}

std::uint32_t creation_mask() {
    return g_creation_mask;
}

} // namespace os::vfs
