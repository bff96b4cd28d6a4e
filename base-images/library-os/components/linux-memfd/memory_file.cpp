#include "memory_file.hpp"

#include <foundation/format.hpp>

namespace os::linux {

namespace {

// A shared mapping that may be written through, as long as it is there.
class WritablePager final : public memory::Pager {
public:
    WritablePager(Ref<memory::Pager> pager, Ref<MemoryFile> file)
        : pager_(std::move(pager)), file_(std::move(file)) {
        ++file_->writable_mappings;
    }
    ~WritablePager() override { --file_->writable_mappings; }
    Result<PhysAddr> shared_page(std::uint64_t offset) override {
        return pager_->shared_page(offset);
    }
    void release_page(std::uint64_t offset, PhysAddr frame) override {
        pager_->release_page(offset, frame);
    }
    const void* object() const override { return pager_->object(); }

private:
    Ref<memory::Pager> pager_;
    Ref<MemoryFile> file_;
};

} // namespace

MemoryFile::MemoryFile(Ref<vfs::Inode> bytes, StringView name, std::uint32_t seals)
    : Inode(bytes->filesystem(), bytes->number(), vfs::k_mode_regular | 0777),
      bytes_(std::move(bytes)), seals_(seals) {
    format(name_, sizeof name_, "memfd:%.*s", static_cast<int>(name.size()), name.data());
}

Result<void> MemoryFile::status(vfs::Stat& out) {
    vfs::Stat of_bytes;
    UNIK_TRY(bytes_->status(of_bytes));
    UNIK_TRY(Inode::status(out));
    out.links = 0;
    out.blocks = of_bytes.blocks;
    return {};
}

Result<void> MemoryFile::set_attributes(const vfs::Attributes& attributes) {
    attributes_ = attributes;
    attributes_.mode = vfs::k_mode_regular | (attributes.mode & vfs::k_mode_permissions);
    return {};
}

// Where the file would end.
Result<void> MemoryFile::check_end(std::uint64_t end) {
    if ((end > size() && sealed(k_seal_grow)) || (end < size() && sealed(k_seal_shrink)))
        return Errno::eperm;
    return {};
}

Result<std::size_t> MemoryFile::write_at(Bytes buffer, std::uint64_t offset) {
    if (write_sealed())
        return Errno::eperm;
    const std::uint64_t end = offset + buffer.size();
    UNIK_TRY(check_end(end > size() ? end : size()));
    const std::size_t put = UNIK_TRY(bytes_->write_at(buffer, offset));
    touch_modified();
    return put;
}

Result<void> MemoryFile::truncate(std::uint64_t size) {
    UNIK_TRY(check_end(size));
    UNIK_TRY(bytes_->truncate(size));
    touch_modified();
    return {};
}

Result<void> MemoryFile::allocate(std::uint64_t offset, std::uint64_t size) {
    const std::uint64_t end = offset + size;
    UNIK_TRY(check_end(end > this->size() ? end : this->size()));
    return bytes_->allocate(offset, size);
}

Result<void> MemoryFile::punch_hole(std::uint64_t offset, std::uint64_t size) {
    if (write_sealed())
        return Errno::eperm;
    return bytes_->punch_hole(offset, size);
}

Result<Ref<memory::Pager>> MemoryFile::shared_pager(memory::Protection protection,
                                                    bool& may_write) {
    if (write_sealed()) {
        if (memory::has(protection, memory::Protection::write))
            return Errno::eperm;
        may_write = false;
    }
    Ref<memory::Pager> plain = UNIK_TRY(pager());
    if (!may_write)
        return plain;
    return Ref<memory::Pager>(
        UNIK_TRY(try_make_ref<WritablePager>(std::move(plain), Ref<MemoryFile>::share(this))));
}

Result<std::int64_t> MemoryFile::add_seals(std::uint32_t seals) {
    if ((seals & ~k_all_seals) != 0)
        return Errno::einval;
    if (sealed(k_seal_seal))
        return Errno::eperm;
    if ((seals & k_seal_write) != 0 && !sealed(k_seal_write) && writable_mappings > 0)
        return Errno::ebusy;
    seals_ |= seals;
    return std::int64_t{0};
}

Result<std::int64_t> MemoryFile::control(std::uint64_t request, std::uint64_t argument) {
    switch (request) {
    case vfs::k_control_add_seals: return add_seals(static_cast<std::uint32_t>(argument));
    case vfs::k_control_seals: return std::int64_t{seals_};
    default: return Errno::enotty;
    }
}

} // namespace os::linux
