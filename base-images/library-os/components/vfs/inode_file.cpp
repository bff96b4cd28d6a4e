#include "inode_file.hpp"

#include <vfs/hooks.hpp>
#include <vfs/locks.hpp>

namespace os::vfs {

namespace {

constexpr std::uint64_t k_ioctl_readable = 0x541b; // FIONREAD

Result<std::uint64_t> moved(std::uint64_t base, std::int64_t offset, std::uint64_t limit) {
    if (offset < 0) {
        const std::uint64_t back = 0 - static_cast<std::uint64_t>(offset);
        if (back > base)
            return Errno::einval;
        return base - back;
    }
    if (static_cast<std::uint64_t>(offset) > limit - base)
        return Errno::eoverflow;
    return base + static_cast<std::uint64_t>(offset);
}

} // namespace

Result<Ref<File>> Inode::open(std::uint32_t flags) {
    Ref<Inode> self = Ref<Inode>::share(this);
    if (is_regular())
        return Ref<File>(UNIK_TRY(try_make_ref<InodeFile>(std::move(self), flags)));
    if (is_directory())
        return Ref<File>(UNIK_TRY(try_make_ref<DirectoryFile>(std::move(self), flags)));
    return Errno::enxio;
}

Result<void> check_new_size(Inode& inode, std::uint64_t size) {
    if (size > inode.size() && size > file_size_limit())
        return report_file_too_large();
    return {};
}

Result<void> resize(Inode& inode, std::uint64_t size) {
    UNIK_TRY(check_new_size(inode, size));
    return inode.truncate(size);
}

InodeFile::~InodeFile() {
    end_locks(*this);
}

Result<std::size_t> InodeFile::read(MutableBytes buffer) {
    const std::size_t got = UNIK_TRY(inode_->read_at(buffer, position_));
    position_ += got;
    return got;
}

Result<std::size_t> InodeFile::write(Bytes buffer) {
    if ((flags() & k_open_append) != 0)
        position_ = inode_->size();
    const std::size_t put = UNIK_TRY(write_at(buffer, position_));
    position_ += put;
    return put;
}

Result<std::size_t> InodeFile::read_at(MutableBytes buffer, std::uint64_t offset) {
    return inode_->read_at(buffer, offset);
}

// Linux appends on O_APPEND even where pwrite names an offset (pwrite(2), BUGS).
Result<std::size_t> InodeFile::write_at(Bytes buffer, std::uint64_t offset) {
    const std::uint64_t start = (flags() & k_open_append) != 0 ? inode_->size() : offset;
    if (buffer.empty())
        return std::size_t{0};
    if (start >= k_longest_file)
        return Errno::efbig;
    const std::uint64_t limit = file_size_limit();
    if (start >= limit)
        return report_file_too_large();
    const std::uint64_t end = limit < k_longest_file ? limit : k_longest_file;
    return inode_->write_at(buffer.part(0, end - start), start);
}

Result<std::uint64_t> InodeFile::seek(std::int64_t offset, int whence) {
    std::uint64_t target = 0;
    switch (whence) {
    case k_seek_set: target = UNIK_TRY(moved(0, offset, k_longest_file)); break;
    case k_seek_current: target = UNIK_TRY(moved(position_, offset, k_longest_file)); break;
    case k_seek_end: target = UNIK_TRY(moved(inode_->size(), offset, k_longest_file)); break;
    case k_seek_data:
    case k_seek_hole:
        if (offset < 0)
            return Errno::enxio;
        target = UNIK_TRY(
            inode_->find_extent(static_cast<std::uint64_t>(offset),
                                whence == k_seek_data ? Inode::Extent::data : Inode::Extent::hole));
        break;
    default: return Errno::einval;
    }
    position_ = target;
    return target;
}

Result<std::int64_t> InodeFile::control(std::uint64_t request, std::uint64_t argument) {
    if (request != k_ioctl_readable)
        return inode_->control(request, argument);
    const Span<int> out = UNIK_TRY(memory::AppSpan<int>::writable(argument, 1));
    const std::uint64_t size = inode_->size();
    out[0] = size > position_ ? static_cast<int>(size - position_) : 0;
    return std::int64_t{0};
}

DirectoryFile::~DirectoryFile() {
    end_locks(*this);
}

Result<std::uint64_t> DirectoryFile::seek(std::int64_t offset, int whence) {
    if (whence == k_seek_current && offset == 0)
        return cursor_;
    if (whence != k_seek_set || offset < 0)
        return Errno::einval;
    cursor_ = static_cast<std::uint64_t>(offset);
    return cursor_;
}

Result<std::size_t> DirectoryFile::read_directory(MutableBytes buffer) {
    if (inode_->removed())
        return Errno::enoent;
    DirectoryWriter writer(buffer);
    if (cursor_ == 0 && writer.add(".", inode_->number(), k_mode_directory, 1))
        cursor_ = 1;
    if (cursor_ == 1) {
        Inode* parent = inode_->parent();
        const std::uint64_t number = parent != nullptr ? parent->number() : inode_->number();
        if (writer.add("..", number, k_mode_directory, Inode::k_first_entry))
            cursor_ = Inode::k_first_entry;
    }
    if (cursor_ >= Inode::k_first_entry && !writer.refused())
        UNIK_TRY(inode_->read_directory(cursor_, writer));
    if (writer.size() == 0 && writer.refused())
        return Errno::einval; // not even one record fits
    if (writer.size() > 0)
        cursor_ = writer.last_cursor();
    return writer.size();
}

} // namespace os::vfs
