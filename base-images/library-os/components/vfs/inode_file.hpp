// Open files over inodes: a position in a regular file, or in a directory.
#pragma once

#include <vfs/inode.hpp>

namespace os::vfs {

class InodeFile final : public File {
public:
    InodeFile(Ref<Inode> inode, std::uint32_t flags) : File(flags), inode_(std::move(inode)) {}
    ~InodeFile() override;

    Result<std::size_t> read(MutableBytes buffer) override;
    Result<std::size_t> write(Bytes buffer) override;
    Result<std::size_t> read_at(MutableBytes buffer, std::uint64_t offset) override;
    Result<std::size_t> write_at(Bytes buffer, std::uint64_t offset) override;
    Result<std::uint64_t> seek(std::int64_t offset, int whence) override;
    Result<std::int64_t> control(std::uint64_t request, std::uint64_t argument) override;
    Result<void> status(Stat& out) override { return inode_->status(out); }
    Result<void> truncate(std::uint64_t size) override { return resize(*inode_, size); }
    Result<void> synchronise() override { return {}; }
    Result<Ref<memory::Pager>> pager() override { return inode_->pager(); }
    Result<Ref<memory::Pager>> shared_pager(memory::Protection protection,
                                            bool& may_write) override {
        return inode_->shared_pager(protection, may_write);
    }
    Inode* inode() override { return inode_.get(); }

private:
    Ref<Inode> inode_;
    std::uint64_t position_ = 0;
};

class DirectoryFile final : public File {
public:
    DirectoryFile(Ref<Inode> inode, std::uint32_t flags) : File(flags), inode_(std::move(inode)) {}
    ~DirectoryFile() override;

    Result<std::size_t> read(MutableBytes) override { return Errno::eisdir; }
    Result<std::size_t> read_at(MutableBytes, std::uint64_t) override { return Errno::eisdir; }
    Result<std::uint64_t> seek(std::int64_t offset, int whence) override;
    Result<void> status(Stat& out) override { return inode_->status(out); }
    Result<void> synchronise() override { return {}; }
    Result<std::size_t> read_directory(MutableBytes buffer) override;
    Inode* inode() override { return inode_.get(); }

private:
    Ref<Inode> inode_;
    std::uint64_t cursor_ = 0; // 0: at ".", 1: at "..", from k_first_entry on the inode's own
};

// O_PATH: a handle on the name, good for *at calls, fstat and /proc/self/fd.
class PathFile final : public File {
public:
    PathFile(Ref<Inode> inode, std::uint32_t flags) : File(flags), inode_(std::move(inode)) {}
    Result<std::size_t> read(MutableBytes) override { return Errno::ebadf; }
    Result<std::size_t> write(Bytes) override { return Errno::ebadf; }
    Result<std::size_t> read_at(MutableBytes, std::uint64_t) override { return Errno::ebadf; }
    Result<std::size_t> write_at(Bytes, std::uint64_t) override { return Errno::ebadf; }
    Result<std::uint64_t> seek(std::int64_t, int) override { return Errno::ebadf; }
    Result<std::int64_t> control(std::uint64_t, std::uint64_t) override { return Errno::ebadf; }
    Result<void> status(Stat& out) override { return inode_->status(out); }
    Result<void> truncate(std::uint64_t) override { return Errno::ebadf; }
    Result<void> synchronise() override { return Errno::ebadf; }
    Result<std::size_t> read_directory(MutableBytes) override { return Errno::ebadf; }
    Result<Ref<memory::Pager>> pager() override { return Errno::ebadf; }
    Inode* inode() override { return inode_.get(); }

private:
    Ref<Inode> inode_;
};

} // namespace os::vfs
