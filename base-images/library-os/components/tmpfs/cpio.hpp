// Reads a cpio archive in the "newc" format: for each file a header of ASCII text, the name with
// its NUL, and the contents; header with name, and contents, are each padded to 4 bytes. Header:
// the magic "070701" and 13 fields of 8 hexadecimal digits. The entry "TRAILER!!!" ends it.
// Written down in cpio(5); nothing of an archive is believed before it is checked.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/span.hpp>
#include <vocabulary/byte_reader.hpp>

namespace os::tmpfs {

struct ArchiveEntry {
    StringView name; // relative, without "./" in front; "." for the root
    std::uint32_t inode = 0;
    std::uint32_t mode = 0;
    std::uint32_t user = 0;
    std::uint32_t group = 0;
    std::uint32_t links = 0;
    std::uint32_t modified = 0; // seconds since 1970
    Bytes contents;
};

class ArchiveReader {
public:
    explicit ArchiveReader(Bytes archive) : reader_(archive.data(), archive.size()) {}
    // False: the trailer was read. einval: not an archive of this format, or cut off.
    Result<bool> next(ArchiveEntry& out);
    std::size_t position() const { return reader_.position(); }

private:
    bool skip_padding();
    vocabulary::ByteReader reader_;
};

} // namespace os::tmpfs
