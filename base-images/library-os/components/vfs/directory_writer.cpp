// struct linux_dirent64 (linux/dirent.h): inode, cursor behind the entry, record length, type,
// name with its NUL; records are padded to 8 bytes.
#include <vfs/inode.hpp>

namespace os::vfs {

namespace {

struct RecordHead {
    std::uint64_t inode;
    std::uint64_t next;
    std::uint16_t size;
    std::uint8_t type; // the kind bits of st_mode, shifted
} __attribute__((packed));
static_assert(sizeof(RecordHead) == 19);

} // namespace

bool DirectoryWriter::add(StringView name, std::uint64_t inode, std::uint32_t mode,
                          std::uint64_t next) {
    const std::size_t used = sizeof(RecordHead) + name.size() + 1;
    const std::size_t size = align_up(used, 8);
    if (refused_ || name.size() > k_longest_name || size > buffer_.size() - size_) {
        refused_ = true;
        return false;
    }
    const RecordHead head{inode, next, static_cast<std::uint16_t>(size),
                          static_cast<std::uint8_t>((mode & k_mode_kind_mask) >> 12)};
    std::uint8_t* place = buffer_.data() + size_;
    __builtin_memcpy(place, &head, sizeof head);
    __builtin_memcpy(place + sizeof head, name.data(), name.size());
    __builtin_memset(place + sizeof head + name.size(), 0, size - sizeof head - name.size());
    size_ += size;
    last_cursor_ = next;
    return true;
}

} // namespace os::vfs
