// An open disk, as Linux's block devices behave: bytes at any offset, no more than the disk has.
// Writes go to the device at once; fsync makes them stable.
#pragma once

#include <vfs/inode.hpp>
#include <vfs/static_tree.hpp>

#include "read_cache.hpp"

namespace os::block_files {

// One disk and its name in /dev.
struct Disk : ListNode<> {
    explicit Disk(block::BlockDevice& found) : device(found), cache(found) {}
    block::BlockDevice& device;
    ReadCache cache;
    vfs::AddedNode node;
};

class DiskFile final : public vfs::File {
public:
    DiskFile(Ref<vfs::Inode> inode, std::uint32_t flags, Disk& disk)
        : File(flags), inode_(std::move(inode)), disk_(disk) {}
    ~DiskFile() override;

    Result<std::size_t> read(MutableBytes buffer) override;
    Result<std::size_t> write(Bytes buffer) override;
    Result<std::size_t> read_at(MutableBytes buffer, std::uint64_t offset) override;
    Result<std::size_t> write_at(Bytes buffer, std::uint64_t offset) override;
    Result<std::uint64_t> seek(std::int64_t offset, int whence) override;
    Result<std::int64_t> control(std::uint64_t request, std::uint64_t argument) override;
    Result<void> status(vfs::Stat& out) override { return inode_->status(out); }
    Result<void> synchronise() override { return disk_.device.flush(); }
    vfs::Inode* inode() override { return inode_.get(); }

private:
    // Held while a read or write moves the position, which blocks meanwhile.
    class PositionTurn;

    Ref<vfs::Inode> inode_;
    Disk& disk_;
    std::uint64_t position_ = 0;
    std::uint64_t expected_ = 0; // where the next read begins if it is sequential
    bool moving_ = false;
    threads::WaitQueue moved_;
};

// The ioctls of block devices (linux/fs.h).
Result<std::int64_t> control_disk(Disk& disk, std::uint64_t request, std::uint64_t argument);

} // namespace os::block_files
