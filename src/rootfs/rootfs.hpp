// The image's root file system: a deterministic EROFS image, and the hash tree that proves it when
// it lies on a disk.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <rootfs/hash_tree.hpp>
#include <rootfs/image_file.hpp>
#include <support/file.hpp>
#include <support/result.hpp>
#include <toolchain/application.hpp>
#include <vocabulary/root_layout.hpp>

namespace unik::rootfs {

struct RootFs {
    vocabulary::RootPlace place = vocabulary::RootPlace::none; // none: there are no files
    std::string reason;                                        // for this place, for people
    std::shared_ptr<const MappedImage> image;
    HashTree hashes; // disk: of the image
    std::size_t file_count = 0;

    ByteSpan bytes() const { return image ? image->bytes() : ByteSpan(); }
};

// A root of at most this size travels in the kernel unless the Unikfile says otherwise.
inline constexpr Bytes k_largest_embedded{16ULL << 20};

// Sorted names, owner 0:0, no time stamps but SOURCE_DATE_EPOCH's and those that files bring along,
// ids from the content. The image is kept in a file without a name in `folder`.
Result<RootFs> build(const toolchain::Application& application,
                     const std::filesystem::path& folder);

} // namespace unik::rootfs
