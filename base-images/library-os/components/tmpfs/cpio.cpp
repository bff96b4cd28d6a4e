#include "cpio.hpp"

namespace os::tmpfs {

namespace {

constexpr std::size_t k_magic_size = 6;
constexpr char k_magic[] = "070701";
constexpr std::size_t k_longest_name = 4096; // with the NUL

enum Field : unsigned {
    field_inode,
    field_mode,
    field_user,
    field_group,
    field_links,
    field_modified,
    field_size,
    field_device_major,
    field_device_minor,
    field_special_major,
    field_special_minor,
    field_name_size,
    field_checksum,
    field_count,
};

bool parse_hexadecimal(const std::uint8_t* digits, std::uint32_t& out) {
    out = 0;
    for (unsigned i = 0; i < 8; ++i) {
        const std::uint8_t c = digits[i];
        std::uint32_t digit = 0;
        if (c >= '0' && c <= '9')
            digit = c - static_cast<std::uint32_t>('0');
        else if (c >= 'a' && c <= 'f')
            digit = c - static_cast<std::uint32_t>('a') + 10;
        else if (c >= 'A' && c <= 'F')
            digit = c - static_cast<std::uint32_t>('A') + 10;
        else
            return false;
        out = out << 4 | digit;
    }
    return true;
}

// Without what leads to the root, and without slashes at the end. No name may lead outside.
bool normalise_name(StringView& name) {
    while (name.starts_with("./") || name.starts_with("/"))
        name = name.part(name[0] == '/' ? 1 : 2);
    while (name.ends_with("/"))
        name = name.part(0, name.size() - 1);
    if (name.empty() || name == ".") {
        name = ".";
        return true;
    }
    for (std::size_t start = 0; start <= name.size();) {
        const std::size_t slash = name.find('/', start);
        const StringView part =
            name.part(start, slash == StringView::npos ? StringView::npos : slash - start);
        if (part.empty() || part == "." || part == ".." || part.size() > 255)
            return false;
        if (slash == StringView::npos)
            break;
        start = slash + 1;
    }
    return true;
}

} // namespace

bool ArchiveReader::skip_padding() {
    return reader_.skip((4 - reader_.position() % 4) % 4);
}

Result<bool> ArchiveReader::next(ArchiveEntry& out) {
    const std::uint8_t* magic = reader_.take(k_magic_size);
    if (magic == nullptr || __builtin_memcmp(magic, k_magic, k_magic_size) != 0)
        return Errno::einval;
    std::uint32_t fields[field_count] = {};
    for (std::uint32_t& field : fields) {
        const std::uint8_t* digits = reader_.take(8);
        if (digits == nullptr || !parse_hexadecimal(digits, field))
            return Errno::einval;
    }
    const std::size_t name_size = fields[field_name_size];
    if (name_size < 2 || name_size > k_longest_name)
        return Errno::einval;
    const char* name = reinterpret_cast<const char*>(reader_.take(name_size));
    if (name == nullptr)
        return Errno::einval;
    out.name = StringView(name, name_size - 1);
    if (name[name_size - 1] != '\0' || out.name.find('\0') != StringView::npos)
        return Errno::einval;
    if (out.name == "TRAILER!!!")
        return false;
    if (!skip_padding() || !normalise_name(out.name))
        return Errno::einval;
    const std::uint8_t* contents = reader_.take(fields[field_size]);
    if (contents == nullptr || !skip_padding())
        return Errno::einval;
    out.contents = Bytes(contents, fields[field_size]);
    out.inode = fields[field_inode];
    out.mode = fields[field_mode];
    out.user = fields[field_user];
    out.group = fields[field_group];
    out.links = fields[field_links];
    out.modified = fields[field_modified];
    return true;
}

} // namespace os::tmpfs
