#include "unpack.hpp"

#include "cpio.hpp"

namespace os::tmpfs {

namespace {

// Files with several names: the first name that came with this inode number.
struct HardLink {
    std::uint32_t inode;
    Ref<Node> node;
};

class Unpacker {
public:
    Unpacker(Tmpfs& filesystem, Directory& root) : filesystem_(filesystem), root_(root) {}
    Result<void> add(const ArchiveEntry& entry);
    Unpacked counts;

private:
    // The directory before the last name, made where it is missing. Links are not followed: the
    // archive must not write through them.
    Result<Ref<Directory>> home_of(StringView& name);
    Result<Ref<Node>> make_node(const ArchiveEntry& entry);
    Result<bool> add_hard_link(const ArchiveEntry& entry, StringView name, Directory& home);
    Result<void> add_directory(const ArchiveEntry& entry, StringView name, Directory& home);
    static void describe(const ArchiveEntry& entry, Node& node);

    Tmpfs& filesystem_;
    Directory& root_;
    Vector<HardLink> hard_links_;
};

void Unpacker::describe(const ArchiveEntry& entry, Node& node) {
    const Nanoseconds time{static_cast<std::int64_t>(entry.modified) * vfs::k_second};
    (void)node.set_attributes({entry.mode, entry.user, entry.group, time, time, time});
}

Result<Ref<Directory>> Unpacker::home_of(StringView& name) {
    Ref<Directory> home = Ref<Directory>::share(&root_);
    for (;;) {
        const std::size_t slash = name.find('/');
        if (slash == StringView::npos)
            return home;
        const StringView part = name.part(0, slash);
        name = name.part(slash + 1);
        Result<Ref<vfs::Inode>> next = home->lookup(part);
        if (!next.ok())
            next = home->create(part, vfs::k_mode_directory | 0755);
        if (!next.ok())
            return next.error();
        if (!next.value()->is_directory())
            return Errno::einval;
        home = Ref<Directory>::share(static_cast<Directory*>(next.value().get()));
    }
}

Result<Ref<Node>> Unpacker::make_node(const ArchiveEntry& entry) {
    if ((entry.mode & vfs::k_mode_kind_mask) != vfs::k_mode_symbolic_link)
        return Ref<Node>(UNIK_TRY(try_make_ref<RegularFile>(
            filesystem_, vfs::k_mode_regular | (entry.mode & vfs::k_mode_permissions),
            entry.contents)));
    if (entry.contents.empty() || entry.contents.size() > vfs::k_longest_path)
        return Errno::einval;
    String target;
    UNIK_TRY(target.append(Span<const char>(reinterpret_cast<const char*>(entry.contents.data()),
                                            entry.contents.size())));
    return Ref<Node>(UNIK_TRY(try_make_ref<SymbolicLink>(filesystem_, std::move(target))));
}

// The contents may come with any one of the names.
Result<bool> Unpacker::add_hard_link(const ArchiveEntry& entry, StringView name, Directory& home) {
    for (const HardLink& known : hard_links_) {
        if (known.inode != entry.inode)
            continue;
        UNIK_TRY(home.enter(name, known.node));
        if (!entry.contents.empty())
            UNIK_TRY(static_cast<RegularFile&>(*known.node).write_at(entry.contents, 0));
        describe(entry, *known.node);
        return true;
    }
    return false;
}

Result<void> Unpacker::add_directory(const ArchiveEntry& entry, StringView name, Directory& home) {
    Result<Ref<vfs::Inode>> made = home.lookup(name);
    if (!made.ok())
        made = home.create(name, vfs::k_mode_directory);
    if (!made.ok())
        return made.error();
    if (!made.value()->is_directory())
        return Errno::einval;
    describe(entry, static_cast<Node&>(*made.value()));
    return {};
}

Result<void> Unpacker::add(const ArchiveEntry& entry) {
    const std::uint32_t kind = entry.mode & vfs::k_mode_kind_mask;
    if (entry.name == ".") {
        if (kind == vfs::k_mode_directory)
            describe(entry, root_);
        return {};
    }
    StringView name = entry.name;
    const Ref<Directory> home = UNIK_TRY(home_of(name));
    if (kind == vfs::k_mode_directory)
        return add_directory(entry, name, *home);
    if (kind != vfs::k_mode_regular && kind != vfs::k_mode_symbolic_link) {
        ++counts.left_out;
        return {};
    }
    if (home->lookup(name).ok())
        return Errno::einval;
    const bool several_names = kind == vfs::k_mode_regular && entry.links > 1;
    if (several_names && UNIK_TRY(add_hard_link(entry, name, *home)))
        return {};
    const Ref<Node> node = UNIK_TRY(make_node(entry));
    UNIK_TRY(home->enter(name, node));
    describe(entry, *node);
    ++counts.files;
    if (several_names)
        UNIK_TRY(hard_links_.push({entry.inode, node}));
    return {};
}

} // namespace

Result<Unpacked> unpack(Bytes archive, Tmpfs& filesystem, Directory& root) {
    ArchiveReader reader(archive);
    Unpacker unpacker(filesystem, root);
    ArchiveEntry entry;
    while (UNIK_TRY(reader.next(entry)))
        UNIK_TRY(unpacker.add(entry));
    return unpacker.counts;
}

} // namespace os::tmpfs
