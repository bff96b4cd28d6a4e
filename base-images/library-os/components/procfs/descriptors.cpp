// /proc/self/fd: a link for each descriptor, which leads to the open file itself, also where that
// has no path (any more).
#include <foundation/format.hpp>
#include <vfs/file_table.hpp>
#include <vfs/path.hpp>

#include "texts.hpp"

namespace os::procfs {

namespace {

bool parse_number(StringView text, int& out) {
    out = 0;
    if (text.empty() || text.size() > 9 || (text.size() > 1 && text[0] == '0'))
        return false;
    for (const char c : text) {
        if (c < '0' || c > '9')
            return false;
        out = out * 10 + (c - '0');
    }
    return true;
}

// Stands for an open file that has no inode: opening it gives the same open file again.
class OpenFileInode final : public vfs::Inode {
public:
    OpenFileInode(vfs::Filesystem& filesystem, std::uint32_t mode, Ref<vfs::File> file)
        : Inode(filesystem, 0, mode), file_(std::move(file)) {}
    Result<void> status(vfs::Stat& out) override { return file_->status(out); }
    Result<Ref<vfs::File>> open(std::uint32_t) override {
        if (kind() == vfs::k_mode_socket)
            return Errno::enxio;
        return file_;
    }

private:
    Ref<vfs::File> file_;
};

class DescriptorLink final : public vfs::Inode {
public:
    DescriptorLink(vfs::Filesystem& filesystem, std::uint64_t number, vfs::Inode& parent,
                   int descriptor)
        : Inode(filesystem, number, vfs::k_mode_symbolic_link | 0700), parent_(parent),
          descriptor_(descriptor) {
        format(name_, sizeof name_, "%d", descriptor);
    }
    Result<String> read_link() override;
    Result<Ref<vfs::Inode>> follow() override;
    vfs::Inode* parent() override { return &parent_; }
    StringView name() override { return name_; }

private:
    vfs::Inode& parent_;
    int descriptor_;
    char name_[12];
};

Result<String> DescriptorLink::read_link() {
    const Ref<vfs::File> file = UNIK_TRY(vfs::file_of(descriptor_));
    if (file->inode() != nullptr)
        return vfs::path_of(*file->inode());
    char text[64];
    file->describe(text, sizeof text);
    TextWriter out;
    out.add("%s", text);
    return out.finish();
}

Result<Ref<vfs::Inode>> DescriptorLink::follow() {
    Result<Ref<vfs::File>> found = vfs::file_of(descriptor_);
    if (!found.ok())
        return Errno::eacces; // closed since the link was looked up
    Ref<vfs::File> file = std::move(found).value();
    if (file->inode() != nullptr)
        return Ref<vfs::Inode>::share(file->inode());
    vfs::Stat status;
    UNIK_TRY(file->status(status));
    return Ref<vfs::Inode>(
        UNIK_TRY(try_make_ref<OpenFileInode>(filesystem(), status.mode, std::move(file))));
}

class DescriptorDirectory final : public vfs::Inode {
public:
    DescriptorDirectory(vfs::Filesystem& filesystem, std::uint64_t number, vfs::Inode& parent)
        : Inode(filesystem, number, vfs::k_mode_directory | 0500), parent_(parent) {}
    Result<Ref<vfs::Inode>> lookup(StringView name) override;
    Result<void> read_directory(std::uint64_t cursor, vfs::DirectoryWriter& writer) override;
    vfs::Inode* parent() override { return &parent_; }
    StringView name() override { return "fd"; }

private:
    std::uint64_t number_of(int descriptor) const {
        return (number() << 24) + static_cast<std::uint64_t>(descriptor);
    }
    vfs::Inode& parent_;
};

Result<Ref<vfs::Inode>> DescriptorDirectory::lookup(StringView name) {
    int descriptor = 0;
    if (!parse_number(name, descriptor) || !vfs::file_of(descriptor).ok())
        return Errno::enoent;
    return Ref<vfs::Inode>(UNIK_TRY(
        try_make_ref<DescriptorLink>(filesystem(), number_of(descriptor), *this, descriptor)));
}

// The cursor behind a descriptor is its number and one, from the first entry's on.
struct Listing {
    vfs::DirectoryWriter& writer;
    std::uint64_t cursor;
    std::uint64_t base;
};

void list_descriptor(int descriptor, vfs::File&, void* argument) {
    Listing& listing = *static_cast<Listing*>(argument);
    const std::uint64_t at = static_cast<std::uint64_t>(descriptor) + vfs::Inode::k_first_entry;
    if (at < listing.cursor)
        return;
    char name[12];
    format(name, sizeof name, "%d", descriptor);
    (void)listing.writer.add(name, listing.base + static_cast<std::uint64_t>(descriptor),
                             vfs::k_mode_symbolic_link, at + 1);
}

Result<void> DescriptorDirectory::read_directory(std::uint64_t cursor,
                                                 vfs::DirectoryWriter& writer) {
    Listing listing{writer, cursor, number_of(0)};
    vfs::for_each_descriptor(list_descriptor, &listing);
    return {};
}

// A link that leads to the working directory itself, removed or not.
class WorkingDirectoryLink final : public vfs::Inode {
public:
    WorkingDirectoryLink(vfs::Filesystem& filesystem, std::uint64_t number, vfs::Inode& parent)
        : Inode(filesystem, number, vfs::k_mode_symbolic_link | 0777), parent_(parent) {}
    Result<String> read_link() override { return vfs::path_of(*vfs::working_directory()); }
    Result<Ref<vfs::Inode>> follow() override { return vfs::working_directory(); }
    vfs::Inode* parent() override { return &parent_; }
    StringView name() override { return "cwd"; }

private:
    vfs::Inode& parent_;
};

} // namespace

Result<Ref<vfs::Inode>> make_descriptor_directory(vfs::Filesystem& filesystem, std::uint64_t number,
                                                  vfs::Inode& parent) {
    return Ref<vfs::Inode>(UNIK_TRY(try_make_ref<DescriptorDirectory>(filesystem, number, parent)));
}

Result<Ref<vfs::Inode>> make_working_directory_link(vfs::Filesystem& filesystem,
                                                    std::uint64_t number, vfs::Inode& parent) {
    return Ref<vfs::Inode>(
        UNIK_TRY(try_make_ref<WorkingDirectoryLink>(filesystem, number, parent)));
}

} // namespace os::procfs
