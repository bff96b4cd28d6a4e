// /proc/self/fd: a link for each descriptor, which leads to the open file itself, also where that
// has no path (any more). /proc/self/fdinfo: a text for each, with its position and flags.
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

class DescriptionFile final : public vfs::Inode {
public:
    DescriptionFile(vfs::Filesystem& filesystem, std::uint64_t number, vfs::Inode& parent,
                    int descriptor)
        : Inode(filesystem, number, vfs::k_mode_regular | 0400), parent_(parent),
          descriptor_(descriptor) {
        format(name_, sizeof name_, "%d", descriptor);
    }
    Result<Ref<vfs::File>> open(std::uint32_t flags) override;
    vfs::Inode* parent() override { return &parent_; }
    StringView name() override { return name_; }

private:
    vfs::Inode& parent_;
    int descriptor_;
    char name_[12];
};

void write_octal(TextWriter& out, std::uint32_t value) {
    char digits[12] = {};
    char* first = digits + sizeof digits - 1;
    for (; value != 0; value >>= 3)
        *--first = static_cast<char>('0' + (value & 7));
    out.add("0%s", first);
}

Result<Ref<vfs::File>> DescriptionFile::open(std::uint32_t flags) {
    const Result<Ref<vfs::File>> found = vfs::file_of(descriptor_);
    if (!found.ok())
        return Errno::enoent;
    vfs::File& file = *found.value();
    const Result<std::uint64_t> position = file.seek(0, vfs::k_seek_current);
    std::uint32_t told = file.flags();
    if (vfs::close_on_exec(descriptor_).value() == vfs::CloseOnExec::yes)
        told |= vfs::k_open_close_on_exec;
    vfs::Stat status;
    UNIK_TRY(file.status(status));
    TextWriter out;
    out.add("pos:\t%lu\nflags:\t", position.ok() ? position.value() : 0);
    write_octal(out, told);
    out.add("\nmnt_id:\t%lu\nino:\t%lu\n", status.device & 0xff, status.inode);
    return vfs::open_text(Ref<vfs::Inode>::share(this), flags, UNIK_TRY(out.finish()), nullptr);
}

class DescriptorDirectory final : public vfs::Inode {
public:
    enum class Entries { links, descriptions };
    DescriptorDirectory(vfs::Filesystem& filesystem, std::uint64_t number, vfs::Inode& parent,
                        Entries entries)
        : Inode(filesystem, number, vfs::k_mode_directory | 0500), parent_(parent),
          entries_(entries) {}
    Result<Ref<vfs::Inode>> lookup(StringView name) override;
    Result<void> read_directory(std::uint64_t cursor, vfs::DirectoryWriter& writer) override;
    vfs::Inode* parent() override { return &parent_; }
    StringView name() override { return entries_ == Entries::links ? "fd" : "fdinfo"; }

private:
    std::uint64_t number_of(int descriptor) const {
        return (number() << 24) + static_cast<std::uint64_t>(descriptor);
    }
    vfs::Inode& parent_;
    Entries entries_;
};

Result<Ref<vfs::Inode>> DescriptorDirectory::lookup(StringView name) {
    int descriptor = 0;
    if (!parse_number(name, descriptor) || !vfs::file_of(descriptor).ok())
        return Errno::enoent;
    if (entries_ == Entries::descriptions)
        return Ref<vfs::Inode>(UNIK_TRY(
            try_make_ref<DescriptionFile>(filesystem(), number_of(descriptor), *this, descriptor)));
    return Ref<vfs::Inode>(UNIK_TRY(
        try_make_ref<DescriptorLink>(filesystem(), number_of(descriptor), *this, descriptor)));
}

// The cursor behind a descriptor is its number and one, from the first entry's on.
struct Listing {
    vfs::DirectoryWriter& writer;
    std::uint64_t cursor;
    std::uint64_t base;
    std::uint32_t kind;
};

void list_descriptor(int descriptor, vfs::File&, void* argument) {
    Listing& listing = *static_cast<Listing*>(argument);
    const std::uint64_t at = static_cast<std::uint64_t>(descriptor) + vfs::Inode::k_first_entry;
    if (at < listing.cursor)
        return;
    char name[12];
    format(name, sizeof name, "%d", descriptor);
    (void)listing.writer.add(name, listing.base + static_cast<std::uint64_t>(descriptor),
                             listing.kind, at + 1);
}

Result<void> DescriptorDirectory::read_directory(std::uint64_t cursor,
                                                 vfs::DirectoryWriter& writer) {
    Listing listing{writer, cursor, number_of(0),
                    entries_ == Entries::links ? vfs::k_mode_symbolic_link : vfs::k_mode_regular};
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
    return Ref<vfs::Inode>(UNIK_TRY(try_make_ref<DescriptorDirectory>(
        filesystem, number, parent, DescriptorDirectory::Entries::links)));
}

Result<Ref<vfs::Inode>> make_description_directory(vfs::Filesystem& filesystem,
                                                   std::uint64_t number, vfs::Inode& parent) {
    return Ref<vfs::Inode>(UNIK_TRY(try_make_ref<DescriptorDirectory>(
        filesystem, number, parent, DescriptorDirectory::Entries::descriptions)));
}

Result<Ref<vfs::Inode>> make_working_directory_link(vfs::Filesystem& filesystem,
                                                    std::uint64_t number, vfs::Inode& parent) {
    return Ref<vfs::Inode>(
        UNIK_TRY(try_make_ref<WorkingDirectoryLink>(filesystem, number, parent)));
}

} // namespace os::procfs
