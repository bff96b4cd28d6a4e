#include <disk/containers/gce.hpp>
#include <disk/disk.hpp>

#include <algorithm>
#include <array>

#include <vocabulary/endian.hpp>
#include <zlib.h>

#include <disk/containers/containers.hpp>
#include <disk/containers/tar.hpp>

namespace unik::disk {
namespace {

constexpr std::size_t k_piece = 1 << 20;
constexpr std::size_t k_room = k_piece + k_piece / 1000 + 64; // more than zlib ever needs
constexpr std::uint64_t k_block = 65536;
// Deflate, no name, no time, made on no particular system.
constexpr std::array<std::uint8_t, 10> k_gzip_head{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
// The last block of a deflate stream, empty.
constexpr std::array<std::uint8_t, 2> k_deflate_end{3, 0};

struct GzipTail {
    vocabulary::Le32 crc;
    vocabulary::Le32 size;
};

// What is not zeros, and an empty piece where the disk ends, as GNU tar marks a hole at the end.
Result<std::vector<Range>> pieces_of(Content& content, std::uint64_t size) {
    std::vector<Range> pieces;
    UNIK_TRY(for_each_run(content, k_block, {}, [&](const Run& run) {
        const std::uint64_t offset = run.first * k_block;
        if (!pieces.empty() && pieces.back().end() == offset)
            pieces.back().length += run.bytes.size();
        else
            pieces.push_back({offset, run.bytes.size()});
        return Result<void>();
    }));
    if (pieces.empty() || pieces.back().end() < size)
        pieces.push_back({size, 0});
    return pieces;
}

} // namespace

GzipWriter::GzipWriter(AtomicFile& file)
    : file_(file), packer_(Codec::deflate_piece, k_piece, k_room, [this](const auto& piece) {
          return put_piece(piece.block, piece.packed);
      }) {}

Result<void> GzipWriter::begin() {
    if (std::exchange(begun_, true))
        return {};
    return file_.write(ByteSpan(k_gzip_head));
}

Result<void> GzipWriter::put_piece(ByteSpan piece, ByteSpan packed) {
    UNIK_TRY(begin());
    crc_ = static_cast<std::uint32_t>(crc32_z(crc_, piece.data(), piece.size()));
    size_ += piece.size();
    return file_.write(packed);
}

Result<void> GzipWriter::write(ByteSpan bytes) {
    while (!bytes.empty()) {
        const std::size_t count = std::min(bytes.size(), k_piece - piece_.size());
        piece_.insert(piece_.end(), bytes.begin(),
                      bytes.begin() + static_cast<std::ptrdiff_t>(count));
        bytes = bytes.subspan(count);
        if (piece_.size() == k_piece) {
            UNIK_TRY(packer_.add(0, piece_));
            piece_.clear();
        }
    }
    return {};
}

Result<void> GzipWriter::finish() {
    UNIK_TRY(packer_.finish());
    if (!piece_.empty()) {
        Packer last(Codec::deflate_piece);
        UNIK_TRY(put_piece(piece_, last.pack(piece_, k_room, packer_.view())));
    }
    UNIK_TRY(begin());
    UNIK_TRY(file_.write(ByteSpan(k_deflate_end)));
    const GzipTail tail{crc_, static_cast<std::uint32_t>(size_)};
    return file_.write(bytes_of(tail));
}

Result<void> write_gce(Content& content, const WriteOptions& options, AtomicFile& file) {
    const std::uint64_t size =
        std::max(round_up(content.size().value, k_gce_size_step), k_gce_size_step);
    const ContentPtr disk = UNIK_TRY(grow_disk(ContentPtr(ContentPtr(), &content), Bytes{size}));
    const std::vector<Range> pieces = UNIK_TRY(pieces_of(*disk, size));
    GzipWriter gzip(file);
    UNIK_TRY(gzip.write(sparse_tar_header(k_gce_member, size, pieces)));
    UNIK_TRY(for_each_run(*disk, k_block, options,
                          [&](const Run& run) { return gzip.write(run.bytes); }));
    // Blocks are whole tar blocks, so nothing is to be filled up; two empty ones end the archive.
    UNIK_TRY(gzip.write(ByteVector(2 * k_tar_block)));
    return gzip.finish();
}

} // namespace unik::disk
