// An open file description: what a descriptor refers to.
#pragma once

#include <cstdint>

#include <foundation/list.hpp>
#include <foundation/own.hpp>
#include <foundation/result.hpp>
#include <foundation/span.hpp>
#include <memory/address_space.hpp>
#include <vfs/poll.hpp>

namespace os::vfs {

struct Stat; // vfs/stat.hpp: Linux's struct stat
class Inode; // vfs/inode.hpp

// Open flags as in Linux's fcntl.h (x86-64).
inline constexpr std::uint32_t k_open_access_mask = 3;
inline constexpr std::uint32_t k_open_write_only = 1;
inline constexpr std::uint32_t k_open_read_write = 2;
inline constexpr std::uint32_t k_open_create = 0100;
inline constexpr std::uint32_t k_open_exclusive = 0200;
inline constexpr std::uint32_t k_open_truncate = 01000;
inline constexpr std::uint32_t k_open_append = 02000;
inline constexpr std::uint32_t k_open_non_blocking = 04000;
inline constexpr std::uint32_t k_open_directory = 0200000;
inline constexpr std::uint32_t k_open_no_follow = 0400000;
inline constexpr std::uint32_t k_open_close_on_exec = 02000000;
inline constexpr std::uint32_t k_open_path = 010000000;

inline constexpr std::uint64_t k_longest_file = 1ULL << 46; // efbig beyond

// lseek(2).
inline constexpr int k_seek_set = 0;
inline constexpr int k_seek_current = 1;
inline constexpr int k_seek_end = 2;
inline constexpr int k_seek_data = 3;
inline constexpr int k_seek_hole = 4;

// Requests for File::control that are not ioctl's: fcntl's of pipes. The argument of the second is
// the wanted capacity.
inline constexpr std::uint64_t k_control_pipe_size = (1ULL << 32) | 1;
inline constexpr std::uint64_t k_control_set_pipe_size = (1ULL << 32) | 2;

// The same for files that can be sealed (fcntl(2), File Sealing).
inline constexpr std::uint64_t k_control_add_seals = (1ULL << 32) | 3;
inline constexpr std::uint64_t k_control_seals = (1ULL << 32) | 4;

// Told when a file goes away, without keeping it alive (epoll).
class FileWatcher : public ListNode<FileWatcher> {
public:
    virtual ~FileWatcher() { unlink(); }
    virtual void file_closed() = 0;
};

class File : public RefCounted {
public:
    explicit File(std::uint32_t flags) : flags_(flags) {}
    ~File() override;

    std::uint32_t flags() const { return flags_; }
    void set_flags(std::uint32_t flags) { flags_ = flags; }
    bool non_blocking() const { return (flags_ & k_open_non_blocking) != 0; }
    bool readable() const { return (flags_ & k_open_access_mask) != k_open_write_only; }
    bool writable() const { return (flags_ & k_open_access_mask) != 0; }

    // Buffers are checked program memory or kernel memory. Blocking ones wait by themselves
    // (eagain when non_blocking(), eintr after a signal). 0 bytes read is the end of the file.
    virtual Result<std::size_t> read(MutableBytes buffer);
    virtual Result<std::size_t> write(Bytes buffer);
    // espipe for what has no position.
    virtual Result<std::size_t> read_at(MutableBytes buffer, std::uint64_t offset);
    virtual Result<std::size_t> write_at(Bytes buffer, std::uint64_t offset);
    virtual Result<std::uint64_t> seek(std::int64_t offset, int whence);
    // One call of readv/writev; the default goes through the buffers one by one and stops at the
    // first short one. Sockets that keep message borders override it.
    virtual Result<std::size_t> read_vector(Span<const MutableBytes> buffers);
    virtual Result<std::size_t> write_vector(Span<const Bytes> buffers);
    virtual Result<std::int64_t> control(std::uint64_t request, std::uint64_t argument); // ioctl
    virtual Result<void> status(Stat& out);
    virtual Result<void> truncate(std::uint64_t size);
    virtual Result<void> synchronise();
    // linux_dirent64 records; 0 at the end.
    virtual Result<std::size_t> read_directory(MutableBytes buffer);
    virtual Result<Ref<memory::Pager>> pager(); // for mmap; enodev by default
    // For a shared mapping, which may be made writable later unless may_write comes back false.
    virtual Result<Ref<memory::Pager>> shared_pager(memory::Protection, bool&) { return pager(); }
    virtual Inode* inode() { return nullptr; }
    virtual bool is_socket() const { return false; } // then it is a sockets::Socket
    // What /proc/self/fd shows for files without an inode: "pipe:[5]", "anon_inode:[eventpoll]".
    virtual void describe(char* buffer, std::size_t size);

    // What is ready now (always-ready files: in and out).
    virtual PollMask poll();
    // Null: always ready, never notifies.
    virtual PollSource* poll_source() { return nullptr; }
    // There is no run-time type information: a class that calls ask for (epoll, timers, sockets)
    // answers with the address of something of its own.
    virtual const void* class_tag() const { return nullptr; }
    // The last descriptor that refers to this was closed; somebody may still be inside a call.
    virtual void last_descriptor_closed() {}

    void watch(FileWatcher& watcher) { watchers_.push_back(watcher); }
    // Kept by the file table.
    void add_descriptor() { ++descriptors_; }
    void drop_descriptor();

private:
    std::uint32_t flags_;
    std::uint32_t descriptors_ = 0;
    List<FileWatcher, FileWatcher> watchers_;
};

} // namespace os::vfs
