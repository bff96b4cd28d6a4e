// The image while it is written, and afterwards: a file without a name, so that it may be larger
// than memory and is gone with its last user, whatever happens to the build.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include <support/descriptor.hpp>
#include <support/file.hpp>
#include <support/sha256.hpp>

namespace unik::rootfs {

// The file's bytes, mapped.
class MappedImage {
public:
    // Takes over what mmap gave.
    explicit MappedImage(ByteSpan mapped) : bytes_(mapped) {}
    MappedImage(const MappedImage&) = delete;
    MappedImage& operator=(const MappedImage&) = delete;
    ~MappedImage();
    ByteSpan bytes() const { return bytes_; }

private:
    ByteSpan bytes_;
};

class ImageFile {
public:
    // In this folder, which must have room for the image.
    static Result<ImageFile> create(const std::filesystem::path& folder);

    Result<void> append(ByteSpan bytes);
    // Zeros to the next block's start.
    void fill_block();

    // The rest of what was appended is written; of each block then the SHA-256.
    Result<void> finish();
    std::vector<Digest>& digests() { return digests_; }
    // Puts other bytes in the first block's place.
    Result<void> replace_first_block(ByteSpan block);
    Result<std::shared_ptr<const MappedImage>> map() const;

private:
    ImageFile(Descriptor file, std::filesystem::path folder);
    Result<void> flush();
    Result<void> write_at(std::uint64_t offset, ByteSpan bytes);

    Descriptor file_;
    std::filesystem::path folder_; // for messages
    ByteVector buffer_;            // not written yet
    std::uint64_t written_ = 0;
    std::vector<Digest> digests_;
};

} // namespace unik::rootfs
