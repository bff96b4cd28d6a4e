// One block of a directory: entries, then their names. See vocabulary/erofs_layout.hpp.
#pragma once

#include <foundation/result.hpp>
#include <foundation/span.hpp>
#include <vocabulary/erofs_layout.hpp>

namespace os::erofs {

class DirectoryBlock {
public:
    // euclean: not one.
    static Result<DirectoryBlock> create(Bytes bytes);

    std::size_t count() const { return count_; }
    struct Entry {
        StringView name;
        std::uint64_t node = 0;
        vocabulary::erofs::EntryKind kind{};
    };
    // Precondition: index < count(). euclean: its name lies outside the block or is none.
    Result<Entry> entry(std::size_t index) const;
    // The entry of this name; false: there is none.
    Result<bool> find(StringView name, Entry& out) const;

private:
    DirectoryBlock(Bytes bytes, std::size_t count) : bytes_(bytes), count_(count) {}
    std::size_t name_offset(std::size_t index) const;

    Bytes bytes_;
    std::size_t count_;
};

// By their bytes, unsigned, as names are sorted in the image: less than, equal to or greater than
// 0.
int compare_names(StringView a, StringView b);

} // namespace os::erofs
