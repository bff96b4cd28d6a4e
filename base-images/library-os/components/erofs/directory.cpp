// Directories. A cursor for reading is the byte of the next entry in the directory's content,
// moved up by what "." and ".." take.
#include "directory_block.hpp"
#include "node.hpp"

namespace os::erofs {

namespace {

using vocabulary::erofs::DirectoryEntry;
using vocabulary::erofs::EntryKind;
using vocabulary::erofs::k_block_size;

constexpr std::uint32_t k_modes[] = {0,
                                     vfs::k_mode_regular,
                                     vfs::k_mode_directory,
                                     vfs::k_mode_character,
                                     vfs::k_mode_block_device,
                                     vfs::k_mode_fifo,
                                     vfs::k_mode_socket,
                                     vfs::k_mode_symbolic_link};

std::uint32_t mode_of(EntryKind kind) {
    const auto index = static_cast<std::size_t>(kind);
    return index < sizeof k_modes / sizeof k_modes[0] ? k_modes[index] : 0;
}

bool is_dot(StringView name) {
    return name == "." || name == "..";
}

} // namespace

// The last block whose first name is not behind the one that is looked for.
Result<std::uint64_t> Directory::block_for(StringView name) {
    std::uint64_t low = 0;
    std::uint64_t high = record_.pages();
    while (high - low > 1) {
        const std::uint64_t middle = low + (high - low) / 2;
        const HeldBytes held = UNIK_TRY(image().volume().page(record_, middle));
        const DirectoryBlock block = UNIK_TRY(DirectoryBlock::create(held.bytes));
        const DirectoryBlock::Entry first = UNIK_TRY(block.entry(0));
        if (compare_names(first.name, name) <= 0)
            low = middle;
        else
            high = middle;
    }
    return low;
}

Result<std::uint64_t> Directory::find(StringView name) {
    if (record_.size == 0)
        return Errno::enoent;
    const std::uint64_t page = UNIK_TRY(block_for(name));
    const HeldBytes held = UNIK_TRY(image().volume().page(record_, page));
    const DirectoryBlock block = UNIK_TRY(DirectoryBlock::create(held.bytes));
    DirectoryBlock::Entry entry;
    if (!UNIK_TRY(block.find(name, entry)))
        return Errno::enoent;
    return entry.node;
}

Result<Ref<vfs::Inode>> Directory::lookup(StringView name) {
    const std::uint64_t number = UNIK_TRY(find(name));
    return Ref<vfs::Inode>(UNIK_TRY(image().node(number, Ref<Node>::share(this), name)));
}

// The entries of the block that holds the byte `at`, from it on; false: the writer is full.
Result<bool> Directory::read_block(std::uint64_t at, vfs::DirectoryWriter& writer) {
    const std::uint64_t start = align_down(at, k_block_size);
    const HeldBytes held = UNIK_TRY(image().volume().page(record_, start / k_block_size));
    const DirectoryBlock block = UNIK_TRY(DirectoryBlock::create(held.bytes));
    std::size_t index = static_cast<std::size_t>(at - start) / sizeof(DirectoryEntry);
    for (; index < block.count(); ++index) {
        const DirectoryBlock::Entry entry = UNIK_TRY(block.entry(index));
        const std::uint64_t next = index + 1 < block.count()
                                       ? start + (index + 1) * sizeof(DirectoryEntry)
                                       : start + k_block_size;
        if (!is_dot(entry.name) &&
            !writer.add(entry.name, entry.node, mode_of(entry.kind), next + k_first_entry))
            return false;
    }
    return true;
}

// What comes before damage is told; the next call then fails.
Result<void> Directory::read_directory(std::uint64_t cursor, vfs::DirectoryWriter& writer) {
    for (std::uint64_t at = cursor - k_first_entry; at < record_.size;
         at = align_down(at, k_block_size) + k_block_size) {
        const Result<bool> read = read_block(at, writer);
        if (!read.ok() && writer.size() == 0)
            return read.error();
        if (!read.ok() || !read.value())
            break;
    }
    return {};
}

} // namespace os::erofs
