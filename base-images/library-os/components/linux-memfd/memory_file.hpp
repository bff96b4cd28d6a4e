// The inode behind memfd_create: a file of tmpfs that never had a name, and the seals over it
// (fcntl(2), File Sealing), which only ever become more.
#pragma once

#include <vfs/inode.hpp>

namespace os::linux {

// F_SEAL_* (linux/fcntl.h).
inline constexpr std::uint32_t k_seal_seal = 1;
inline constexpr std::uint32_t k_seal_shrink = 2;
inline constexpr std::uint32_t k_seal_grow = 4;
inline constexpr std::uint32_t k_seal_write = 8;
inline constexpr std::uint32_t k_seal_future_write = 16;
inline constexpr std::uint32_t k_all_seals = 31;

inline constexpr std::size_t k_longest_memory_name = 249; // without the NUL

class MemoryFile final : public vfs::Inode {
public:
    MemoryFile(Ref<vfs::Inode> bytes, StringView name, std::uint32_t seals);

    Result<void> status(vfs::Stat& out) override;
    Result<void> set_attributes(const vfs::Attributes& attributes) override;
    bool birth_time(Nanoseconds& out) override { return bytes_->birth_time(out); }
    Result<std::size_t> read_at(MutableBytes buffer, std::uint64_t offset) override {
        return bytes_->read_at(buffer, offset);
    }
    Result<std::size_t> write_at(Bytes buffer, std::uint64_t offset) override;
    std::uint64_t size() override { return bytes_->size(); }
    Result<void> truncate(std::uint64_t size) override;
    Result<void> allocate(std::uint64_t offset, std::uint64_t size) override;
    Result<void> punch_hole(std::uint64_t offset, std::uint64_t size) override;
    Result<Ref<memory::Pager>> pager() override { return bytes_->pager(); }
    Result<Ref<memory::Pager>> shared_pager(memory::Protection protection,
                                            bool& may_write) override;
    Result<std::uint64_t> find_extent(std::uint64_t offset, Extent wanted) override {
        return bytes_->find_extent(offset, wanted);
    }
    Result<std::int64_t> control(std::uint64_t request, std::uint64_t argument) override;
    StringView name() override { return name_; }
    bool removed() override { return true; }

    std::size_t writable_mappings = 0; // shared ones; a seal on writing waits for their end

private:
    bool sealed(std::uint32_t seals) const { return (seals_ & seals) != 0; }
    bool write_sealed() const { return sealed(k_seal_write | k_seal_future_write); }
    Result<void> check_end(std::uint64_t end);
    Result<std::int64_t> add_seals(std::uint32_t seals);

    Ref<vfs::Inode> bytes_;
    std::uint32_t seals_;
    char name_[sizeof "memfd:" + k_longest_memory_name] = {};
};

} // namespace os::linux
