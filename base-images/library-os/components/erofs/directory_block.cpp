#include "directory_block.hpp"

namespace os::erofs {

namespace {

using vocabulary::erofs::DirectoryEntry;

DirectoryEntry entry_at(Bytes bytes, std::size_t index) {
    DirectoryEntry entry;
    __builtin_memcpy(&entry, bytes.data() + index * sizeof entry, sizeof entry);
    return entry;
}

// Up to the first NUL.
std::size_t text_size(Bytes bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i)
        if (bytes[i] == 0)
            return i;
    return bytes.size();
}

bool is_name(StringView name) {
    if (name.empty() || name.size() > vocabulary::erofs::k_longest_name)
        return false;
    for (const char c : name)
        if (c == '/' || c == 0)
            return false;
    return true;
}

} // namespace

int compare_names(StringView a, StringView b) {
    const std::size_t common = a.size() < b.size() ? a.size() : b.size();
    const int order = __builtin_memcmp(a.data(), b.data(), common);
    if (order != 0)
        return order;
    return a.size() == b.size() ? 0 : a.size() < b.size() ? -1 : 1;
}

Result<DirectoryBlock> DirectoryBlock::create(Bytes bytes) {
    if (bytes.size() < sizeof(DirectoryEntry))
        return Errno::euclean;
    const std::size_t names = entry_at(bytes, 0).name_offset;
    if (names == 0 || names % sizeof(DirectoryEntry) != 0 || names >= bytes.size())
        return Errno::euclean;
    return DirectoryBlock(bytes, names / sizeof(DirectoryEntry));
}

std::size_t DirectoryBlock::name_offset(std::size_t index) const {
    return entry_at(bytes_, index).name_offset;
}

Result<DirectoryBlock::Entry> DirectoryBlock::entry(std::size_t index) const {
    const DirectoryEntry raw = entry_at(bytes_, index);
    const std::size_t start = raw.name_offset;
    const bool last = index + 1 == count_;
    std::size_t end = last ? bytes_.size() : name_offset(index + 1);
    if (start < count_ * sizeof(DirectoryEntry) || start >= end || end > bytes_.size())
        return Errno::euclean;
    if (last)
        end = start + text_size(bytes_.part(start));
    const Entry out{StringView(reinterpret_cast<const char*>(bytes_.data() + start), end - start),
                    raw.node, raw.kind};
    if (!is_name(out.name))
        return Errno::euclean;
    return out;
}

Result<bool> DirectoryBlock::find(StringView name, Entry& out) const {
    std::size_t low = 0;
    std::size_t high = count_;
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        out = UNIK_TRY(entry(middle));
        const int order = compare_names(name, out.name);
        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

} // namespace os::erofs
