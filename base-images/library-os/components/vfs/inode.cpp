// What an inode does where its file system says nothing else.
#include <vfs/inode.hpp>

#include <clock/clock.hpp>

namespace os::vfs {

Result<void> Filesystem::status(FilesystemStatus& out) {
    out = FilesystemStatus{};
    return {};
}

Inode::Inode(Filesystem& filesystem, std::uint64_t number, std::uint32_t mode)
    : filesystem_(filesystem), number_(number) {
    const Nanoseconds now = clock::realtime();
    attributes_ = {mode, 0, 0, now, now, now};
}

Result<void> Inode::status(Stat& out) {
    out = Stat{};
    out.device = filesystem_.device;
    out.inode = number_;
    out.mode = attributes_.mode;
    out.user = attributes_.user;
    out.group = attributes_.group;
    out.size = static_cast<std::int64_t>(size());
    out.accessed = timespec_of(attributes_.accessed);
    out.modified = timespec_of(attributes_.modified);
    out.changed = timespec_of(attributes_.changed);
    return {};
}

void Inode::touch_modified() {
    attributes_.modified = attributes_.changed = clock::realtime();
}
void Inode::touch_changed() {
    attributes_.changed = clock::realtime();
}

Result<void> Inode::set_attributes(const Attributes&) {
    return Errno::eperm;
}

Result<std::size_t> Inode::read_at(MutableBytes, std::uint64_t) {
    return is_directory() ? Errno::eisdir : Errno::einval;
}
Result<std::size_t> Inode::write_at(Bytes, std::uint64_t) {
    return Errno::einval;
}
Result<void> Inode::truncate(std::uint64_t) {
    return is_directory() ? Errno::eisdir : Errno::einval;
}
Result<void> Inode::allocate(std::uint64_t, std::uint64_t) {
    return Errno::enodev;
}
Result<void> Inode::punch_hole(std::uint64_t, std::uint64_t) {
    return Errno::eopnotsupp;
}
Result<Ref<memory::Pager>> Inode::pager() {
    return Errno::enodev;
}

Result<std::int64_t> Inode::control(std::uint64_t, std::uint64_t) {
    return Errno::enotty;
}

Result<std::uint64_t> Inode::find_extent(std::uint64_t offset, Extent wanted) {
    if (offset >= size())
        return Errno::enxio;
    return wanted == Extent::data ? offset : size();
}

Result<String> Inode::read_link() {
    return Errno::einval;
}
Result<Ref<Inode>> Inode::follow() {
    return Errno::enoent;
}

Result<Ref<Inode>> Inode::lookup(StringView) {
    return is_directory() ? Errno::enoent : Errno::enotdir;
}
Result<Ref<Inode>> Inode::create(StringView, std::uint32_t) {
    UNIK_TRY(check_changeable());
    return Errno::eacces;
}
Result<Ref<Inode>> Inode::create_unnamed(std::uint32_t, Linkable) {
    return Errno::eopnotsupp;
}
Result<Ref<Inode>> Inode::create_link(StringView, StringView) {
    return Errno::eperm;
}
Result<void> Inode::link(StringView, Inode&) {
    return Errno::eperm;
}
Result<void> Inode::remove(StringView) {
    return Errno::eperm;
}
Result<void> Inode::remove_directory(StringView) {
    return Errno::eperm;
}
Result<void> Inode::rename(StringView, Inode&, StringView, Replace) {
    return Errno::eperm;
}
Result<void> Inode::read_directory(std::uint64_t, DirectoryWriter&) {
    return Errno::enotdir;
}

} // namespace os::vfs
