// The image that Google Compute Engine imports: a gzip'd tar archive in the old GNU format, whose
// one member is named disk.raw and has a size of whole GiB ("Manually import boot disks" in its
// documentation). The member is sparse, so that neither the archive nor the way to it holds zeros.
//
// gzip (RFC 1952): head | deflate stream | CRC-32 and size. The stream is packed in pieces of 1
// MiB, several at once; each ends at a byte.
#pragma once

#include <disk/containers/blocks.hpp>
#include <disk/containers/codec.hpp>

namespace unik::disk {

inline constexpr std::string_view k_gce_member = "disk.raw";
inline constexpr std::uint64_t k_gce_size_step = 1ULL << 30;

class GzipWriter {
public:
    explicit GzipWriter(AtomicFile& file);
    Result<void> write(ByteSpan bytes);
    Result<void> finish();

private:
    Result<void> begin();
    Result<void> put_piece(ByteSpan piece, ByteSpan packed);

    AtomicFile& file_;
    ParallelPacker packer_;
    ByteVector piece_;
    bool begun_ = false;
    std::uint32_t crc_ = 0;
    std::uint64_t size_ = 0;
};

} // namespace unik::disk
