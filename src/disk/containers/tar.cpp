#include <disk/containers/tar.hpp>

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

#include <disk/containers/blocks.hpp>

namespace unik::disk {
namespace {

constexpr std::size_t k_most_members = 256;

struct SparsePiece {
    char offset[12];
    char length[12];
};

struct GnuSparse {
    char unused[41];
    SparsePiece pieces[4];
    char is_continued;
    char real_size[12];
};

struct TarHeader {
    char name[100];
    char mode[8];
    char owner[8];
    char group[8];
    char size[12];
    char time[12];
    char checksum[8];
    char type;
    char link[100];
    char magic[8];
    char owner_name[32];
    char group_name[32];
    char device[16];
    union {
        char prefix[155]; // ustar
        GnuSparse sparse;
    };
    char padding[12];
};
static_assert(sizeof(TarHeader) == k_tar_block);

struct SparseContinuation {
    SparsePiece pieces[21];
    char is_continued;
    char padding[7];
};
static_assert(sizeof(SparseContinuation) == k_tar_block);

template <std::size_t Size>
void put_number(char (&field)[Size], std::uint64_t value) {
    if (value >> (3 * (Size - 1)) == 0) {
        const std::string digits = fmt::format("{:0{}o}", value, Size - 1);
        std::copy(digits.begin(), digits.end(), field);
        return;
    }
    for (std::size_t i = Size; i-- > 0; value >>= 8)
        field[i] = static_cast<char>(value);
    field[0] = static_cast<char>(0x80);
}

// Nothing that fits 63 bits: broken.
template <std::size_t Size>
std::uint64_t number(const char (&field)[Size], bool& broken) {
    std::uint64_t value = 0;
    if ((field[0] & 0x80) != 0) {
        for (std::size_t i = 1; i < Size; ++i) {
            broken = broken || value >> 55 != 0;
            value = value << 8 | static_cast<std::uint8_t>(field[i]);
        }
        broken = broken || field[0] != static_cast<char>(0x80);
        return value;
    }
    std::size_t i = 0;
    while (i < Size && field[i] == ' ')
        ++i;
    for (; i < Size && field[i] != '\0' && field[i] != ' '; ++i) {
        broken = broken || field[i] < '0' || field[i] > '7';
        value = value << 3 | static_cast<std::uint64_t>(field[i] & 7);
    }
    return value;
}

// Over all bytes, the checksum's own as spaces.
unsigned checksum(TarHeader header) {
    std::memset(header.checksum, ' ', sizeof header.checksum);
    unsigned sum = 0;
    for (const std::uint8_t byte : bytes_of(header))
        sum += byte;
    return sum;
}

TarHeader make_header(std::string_view name, std::uint64_t size, char type) {
    TarHeader header{};
    std::copy_n(name.begin(), std::min(name.size(), sizeof header.name - 1), header.name);
    put_number(header.mode, 0644);
    put_number(header.owner, 0);
    put_number(header.group, 0);
    put_number(header.size, size);
    put_number(header.time, 0);
    header.type = type;
    return header;
}

void seal(TarHeader& header) {
    const std::string digits = fmt::format("{:06o}", checksum(header));
    std::copy(digits.begin(), digits.end(), header.checksum);
    header.checksum[6] = '\0';
    header.checksum[7] = ' ';
}

template <std::size_t Count>
void put_pieces(SparsePiece (&fields)[Count], std::span<const Range>& pieces) {
    const std::size_t count = std::min(Count, pieces.size());
    for (std::size_t i = 0; i < count; ++i) {
        put_number(fields[i].offset, pieces[i].offset);
        put_number(fields[i].length, pieces[i].length);
    }
    pieces = pieces.subspan(count);
}

void append(ByteVector& out, ByteSpan bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}

} // namespace

ByteVector tar_header(std::string_view name, std::uint64_t size) {
    TarHeader header = make_header(name, size, '0');
    std::memcpy(header.magic,
                "ustar\0"
                "00",
                sizeof header.magic);
    seal(header);
    const ByteSpan bytes = bytes_of(header);
    return {bytes.begin(), bytes.end()};
}

ByteVector sparse_tar_header(std::string_view name, std::uint64_t size,
                             std::span<const Range> pieces) {
    std::uint64_t stored = 0;
    for (const Range& piece : pieces)
        stored += piece.length;
    TarHeader header = make_header(name, stored, 'S');
    std::memcpy(header.magic, "ustar  ", sizeof header.magic);
    put_pieces(header.sparse.pieces, pieces);
    header.sparse.is_continued = pieces.empty() ? '\0' : '\1';
    put_number(header.sparse.real_size, size);
    seal(header);
    ByteVector out;
    append(out, bytes_of(header));
    while (!pieces.empty()) {
        SparseContinuation more{};
        put_pieces(more.pieces, pieces);
        more.is_continued = pieces.empty() ? '\0' : '\1';
        append(out, bytes_of(more));
    }
    return out;
}

bool is_tar_header(ByteSpan block) {
    TarHeader header;
    if (block.size() < sizeof header)
        return false;
    std::memcpy(&header, block.data(), sizeof header);
    bool broken = false;
    return std::memcmp(header.magic, "ustar", 5) == 0 &&
           number(header.checksum, broken) == checksum(header) && !broken;
}

Result<std::vector<TarMember>> tar_members(Content& archive) {
    std::vector<TarMember> members;
    std::uint64_t offset = 0;
    for (std::size_t i = 0; i < k_most_members && offset < archive.size().value; ++i) {
        const auto header = UNIK_TRY(read_object<TarHeader>(archive, offset));
        if (all_zeros(bytes_of(header)))
            return members;
        bool broken = !is_tar_header(bytes_of(header));
        const std::uint64_t size = number(header.size, broken);
        const std::uint64_t begin = offset + sizeof header;
        if (broken || size > archive.size().value - begin)
            return broken_image(archive.name(), fmt::format("expected the head of an archive's "
                                                            "member at offset {:#x}, found "
                                                            "something else",
                                                            offset));
        if (header.type == '0' || header.type == '\0')
            members.push_back({std::string(header.name, ::strnlen(header.name, sizeof header.name)),
                               {begin, size}});
        offset = begin + round_up(size, k_tar_block);
    }
    return members;
}

} // namespace unik::disk
