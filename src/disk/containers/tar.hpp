// Tar archives as far as images need them: the header of a member, as POSIX's ustar and as GNU's
// old format with sparse members (GNU tar's manual, "Basic Tar Format" and "Storing Sparse Files"),
// and the way through the members of an archive that is not packed.
//
// A sparse member's header names up to four pieces of its content; further ones stand in sectors of
// 21 that follow the header. The content is the pieces one after the other. Numbers are octal text;
// those that do not fit are binary, their first bit set.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <disk/content.hpp>

namespace unik::disk {

inline constexpr std::uint64_t k_tar_block = 512;

// Owner root, mode 0644, the time 0. name: at most 99 ASCII characters.
ByteVector tar_header(std::string_view name, std::uint64_t size);
// With its further sectors. pieces: ascending; size: of the whole member.
ByteVector sparse_tar_header(std::string_view name, std::uint64_t size,
                             std::span<const Range> pieces);

struct TarMember {
    std::string name;
    Range content; // in the archive
};

// The regular files among the first members. Errors: broken-image.
Result<std::vector<TarMember>> tar_members(Content& archive);
bool is_tar_header(ByteSpan block);

} // namespace unik::disk
