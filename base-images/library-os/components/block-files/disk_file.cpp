#include "disk_file.hpp"

#include <arch/paging.hpp>
#include <vfs/locks.hpp>

namespace os::block_files {

namespace {

constexpr std::uint32_t k_open_synchronous = 010000; // O_DSYNC, which O_SYNC includes

// The program may have unmapped its buffer while a transfer took its time.
Result<void> check_again(const void* memory, std::size_t size, memory::Access access) {
    const auto address = reinterpret_cast<std::uint64_t>(memory);
    if (address >= arch::k_program_top) // the kernel's own
        return {};
    return memory::check_program_range(VirtAddr{address}, size, access);
}

} // namespace

class DiskFile::PositionTurn {
public:
    explicit PositionTurn(DiskFile& file) : file_(file) {
        while (file_.moving_)
            file_.moved_.wait(k_forever, threads::Interruptible::no);
        file_.moving_ = true;
    }
    PositionTurn(const PositionTurn&) = delete;
    PositionTurn& operator=(const PositionTurn&) = delete;
    ~PositionTurn() {
        file_.moving_ = false;
        file_.moved_.wake_one();
    }

private:
    DiskFile& file_;
};

DiskFile::~DiskFile() {
    vfs::release_locks(*this);
}

Result<std::size_t> DiskFile::read(MutableBytes buffer) {
    const PositionTurn turn(*this);
    const std::size_t got = UNIK_TRY(read_at(buffer, position_));
    position_ += got;
    return got;
}

Result<std::size_t> DiskFile::write(Bytes buffer) {
    const PositionTurn turn(*this);
    const std::size_t put = UNIK_TRY(write_at(buffer, position_));
    position_ += put;
    return put;
}

Result<std::size_t> DiskFile::read_at(MutableBytes buffer, std::uint64_t offset) {
    const Pattern pattern = offset == expected_ ? Pattern::sequential : Pattern::random;
    std::size_t done = 0;
    while (done < buffer.size()) {
        const MutableBytes rest = buffer.part(done);
        const Result<Bytes> found = disk_.cache.read(offset + done, rest.size(), pattern);
        if (!found.ok()) {
            if (done > 0)
                break;
            return found.error();
        }
        if (found.value().empty())
            break;
        UNIK_TRY(check_again(rest.data(), found.value().size(), memory::Access::write));
        __builtin_memcpy(rest.data(), found.value().data(), found.value().size());
        done += found.value().size();
    }
    expected_ = offset + done;
    return done;
}

Result<std::size_t> DiskFile::write_at(Bytes buffer, std::uint64_t offset) {
    block::BlockDevice& device = disk_.device;
    if (buffer.empty())
        return std::size_t{0};
    if (offset >= block::byte_size(device))
        return Errno::enospc;
    buffer = buffer.part(0, block::byte_size(device) - offset);
    const block::TransferBuffer copy = UNIK_TRY(block::TransferBuffer::create(buffer.size()));
    std::size_t done = 0;
    while (done < buffer.size()) {
        const Bytes rest = buffer.part(done, copy.size());
        UNIK_TRY(check_again(rest.data(), rest.size(), memory::Access::read));
        const MutableBytes chunk = copy.part(rest.size());
        __builtin_memcpy(chunk.data(), rest.data(), rest.size());
        const Result<std::size_t> put = block::write(device, offset + done, chunk);
        disk_.cache.forget(offset + done, chunk.size());
        if (!put.ok()) {
            if (done > 0)
                break;
            return put.error();
        }
        done += put.value();
    }
    if ((flags() & k_open_synchronous) != 0)
        UNIK_TRY(device.flush());
    return done;
}

// As Linux has it, no position beyond the disk's end can be taken.
Result<std::uint64_t> DiskFile::seek(std::int64_t offset, int whence) {
    const auto end = static_cast<std::int64_t>(block::byte_size(disk_.device));
    const PositionTurn turn(*this);
    std::int64_t base = 0;
    switch (whence) {
    case vfs::k_seek_set: break;
    case vfs::k_seek_current: base = static_cast<std::int64_t>(position_); break;
    case vfs::k_seek_end: base = end; break;
    default: return Errno::einval;
    }
    if (offset < -base || offset > end - base)
        return Errno::einval;
    position_ = static_cast<std::uint64_t>(base + offset);
    return position_;
}

Result<std::int64_t> DiskFile::control(std::uint64_t request, std::uint64_t argument) {
    return control_disk(disk_, request, argument);
}

} // namespace os::block_files
