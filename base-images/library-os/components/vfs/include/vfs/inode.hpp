// A file, directory, symbolic link or device as a file system keeps it, under whatever names.
//
// A file system derives from Inode and overrides what it can do; the rest fails with the errno
// that Linux gives. Inodes know their directory and their name in it, so that a path can be told
// for an open file, after a rename too. Nothing here is called in interrupt context, and kernel
// code is not preempted, so that a method that does not block sees a tree that stands still.
#pragma once

#include <cstdint>

#include <foundation/own.hpp>
#include <foundation/result.hpp>
#include <foundation/span.hpp>
#include <foundation/vector.hpp>
#include <memory/address_space.hpp>
#include <vfs/file.hpp>
#include <vfs/stat.hpp>

namespace os::vfs {

struct Mount; // vfs/mount.hpp

// One mounted file system; lives for ever.
class Filesystem {
public:
    constexpr explicit Filesystem(const char* type) : type_(type) {}
    const char* type() const { return type_; }
    virtual Result<void> status(FilesystemStatus& out);
    std::uint64_t device = 0; // st_dev, given by mount()
    bool read_only = false;   // then nothing changes in it: erofs

private:
    const char* type_;
};

// What chmod, chown and utimensat change.
struct Attributes {
    std::uint32_t mode = 0; // with the kind of file
    std::uint32_t user = 0;
    std::uint32_t group = 0;
    Nanoseconds accessed{};
    Nanoseconds modified{};
    Nanoseconds changed{};
};

// Fills a buffer with linux_dirent64 records.
class DirectoryWriter {
public:
    explicit DirectoryWriter(MutableBytes buffer) : buffer_(buffer) {}
    // False when the record does not fit; next is the cursor behind this entry.
    bool add(StringView name, std::uint64_t inode, std::uint32_t mode, std::uint64_t next);
    std::size_t size() const { return size_; }
    bool refused() const { return refused_; }
    std::uint64_t last_cursor() const { return last_cursor_; } // behind the last that fitted

private:
    MutableBytes buffer_;
    std::size_t size_ = 0;
    std::uint64_t last_cursor_ = 0;
    bool refused_ = false;
};

inline constexpr std::size_t k_longest_name = 255;
inline constexpr std::size_t k_longest_path = 4095; // without the NUL

class Inode : public RefCounted {
public:
    Inode(Filesystem& filesystem, std::uint64_t number, std::uint32_t mode);

    Filesystem& filesystem() const { return filesystem_; }
    std::uint64_t number() const { return number_; }
    const Attributes& attributes() const { return attributes_; }
    std::uint32_t mode() const { return attributes_.mode; }
    std::uint32_t kind() const { return attributes_.mode & k_mode_kind_mask; }
    bool is_directory() const { return kind() == k_mode_directory; }
    bool is_regular() const { return kind() == k_mode_regular; }
    bool is_symbolic_link() const { return kind() == k_mode_symbolic_link; }
    // erofs where the file system does not change. Devices and pipes can be written to all the
    // same.
    Result<void> check_changeable() const {
        return filesystem_.read_only ? Result<void>(Errno::erofs) : Result<void>();
    }

    virtual Result<void> status(Stat& out); // from the attributes; size and links by overrides
    // False: the file system does not know when the file came to be.
    virtual bool birth_time(Nanoseconds&) { return false; }
    virtual Result<void> set_attributes(const Attributes& attributes); // eperm

    // A new open file; flags have been checked against the kind. The default is a file with a
    // position over read_at and write_at, or a directory stream.
    virtual Result<Ref<File>> open(std::uint32_t flags);

    // Contents (regular files).
    virtual Result<std::size_t> read_at(MutableBytes buffer, std::uint64_t offset);
    virtual Result<std::size_t> write_at(Bytes buffer, std::uint64_t offset);
    virtual std::uint64_t size() { return 0; }
    virtual Result<void> truncate(std::uint64_t size);
    virtual Result<void> allocate(std::uint64_t offset, std::uint64_t size); // fallocate, mode 0
    virtual Result<void> punch_hole(std::uint64_t offset, std::uint64_t size);
    virtual Result<Ref<memory::Pager>> pager();
    virtual Result<Ref<memory::Pager>> shared_pager(memory::Protection, bool&) { return pager(); }
    virtual Result<std::int64_t> control(std::uint64_t request, std::uint64_t argument);
    // SEEK_DATA (hole = false) and SEEK_HOLE; enxio past the end.
    enum class Extent { data, hole };
    virtual Result<std::uint64_t> find_extent(std::uint64_t offset, Extent wanted);

    // Symbolic links. `follow` serves links that lead to an object, not to a path (/proc/self/fd);
    // enoent: follow the text.
    virtual Result<String> read_link();
    virtual Result<Ref<Inode>> follow();

    // Directories. Names are checked: 1 to 255 bytes, no '/', neither "." nor "..".
    virtual Result<Ref<Inode>> lookup(StringView name);
    virtual Result<Ref<Inode>> create(StringView name, std::uint32_t mode); // kind by mode
    // O_TMPFILE; whether it may be given a name later.
    enum class Linkable { no, yes };
    virtual Result<Ref<Inode>> create_unnamed(std::uint32_t mode, Linkable linkable);
    virtual Result<Ref<Inode>> create_link(StringView name, StringView target);
    virtual Result<void> link(StringView name, Inode& inode);
    virtual Result<void> remove(StringView name);           // not a directory
    virtual Result<void> remove_directory(StringView name); // empty
    enum class Replace { yes, no, exchange };
    virtual Result<void> rename(StringView name, Inode& to, StringView new_name, Replace replace);
    // Entries from the cursor on, which is k_first_entry at the beginning ("." and ".." are the
    // caller's, at 0 and 1) and then what was given with the entry before.
    static constexpr std::uint64_t k_first_entry = 2;
    virtual Result<void> read_directory(std::uint64_t cursor, DirectoryWriter& writer);

    // Null: a root. What was removed tells where it was last.
    virtual Inode* parent() { return nullptr; }
    // The name in the parent, valid until the next change there.
    virtual StringView name() { return {}; }
    virtual bool removed() { return false; }

    Mount* mounted_here = nullptr; // a file system is mounted over this directory

protected:
    Attributes attributes_;
    void touch_modified(); // modified and changed are now
    void touch_changed();

private:
    Filesystem& filesystem_;
    std::uint64_t number_;
};

// Whether RLIMIT_FSIZE lets the file become this large: efbig and SIGXFSZ otherwise.
Result<void> check_new_size(Inode& inode, std::uint64_t size);
// truncate(2).
Result<void> resize(Inode& inode, std::uint64_t size);

} // namespace os::vfs
