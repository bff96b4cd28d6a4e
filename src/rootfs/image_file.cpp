#include <rootfs/image_file.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <sys/mman.h>
#include <vocabulary/root_layout.hpp>

namespace unik::rootfs {
namespace {

using vocabulary::k_root_block_size;

constexpr std::size_t k_buffer_size = 1ULL << 20;

// A file without a name, or one whose name is taken away at once.
int open_nameless(const std::filesystem::path& folder) {
    const int nameless = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (nameless >= 0)
        return nameless;
    std::string name = (folder / ".unik-root-XXXXXX").string();
    const int named = ::mkostemp(name.data(), O_CLOEXEC);
    if (named >= 0)
        ::unlink(name.c_str());
    return named;
}

} // namespace

MappedImage::~MappedImage() {
    ::munmap(const_cast<std::uint8_t*>(bytes_.data()), bytes_.size());
}

ImageFile::ImageFile(Descriptor file, std::filesystem::path folder)
    : file_(std::move(file)), folder_(std::move(folder)) {
    buffer_.reserve(k_buffer_size);
}

Result<ImageFile> ImageFile::create(const std::filesystem::path& folder) {
    Descriptor file(open_nameless(folder));
    if (!file.is_open())
        return file_error("write the root file system's image in", folder, errno);
    return ImageFile(std::move(file), folder);
}

Result<void> ImageFile::append(ByteSpan bytes) {
    while (!bytes.empty()) {
        const ByteSpan piece = bytes.first(std::min(bytes.size(), k_buffer_size - buffer_.size()));
        buffer_.insert(buffer_.end(), piece.begin(), piece.end());
        bytes = bytes.subspan(piece.size());
        if (buffer_.size() == k_buffer_size)
            UNIK_TRY(flush());
    }
    return {};
}

void ImageFile::fill_block() {
    buffer_.resize((buffer_.size() + k_root_block_size - 1) / k_root_block_size *
                   k_root_block_size);
}

Result<void> ImageFile::finish() {
    fill_block();
    return flush();
}

// Whole blocks: the buffer's size is a multiple of theirs.
Result<void> ImageFile::flush() {
    for (std::size_t at = 0; at < buffer_.size(); at += k_root_block_size)
        digests_.push_back(sha256(ByteSpan(buffer_).subspan(at, k_root_block_size)));
    UNIK_TRY(write_at(written_, buffer_));
    written_ += buffer_.size();
    buffer_.clear();
    return {};
}

Result<void> ImageFile::replace_first_block(ByteSpan block) {
    digests_.at(0) = sha256(block);
    return write_at(0, block);
}

Result<void> ImageFile::write_at(std::uint64_t offset, ByteSpan bytes) {
    while (!bytes.empty()) {
        const ssize_t put =
            ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return file_error("write the root file system's image in", folder_,
                              put < 0 ? errno : ENOSPC);
        offset += static_cast<std::uint64_t>(put);
        bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return {};
}

Result<std::shared_ptr<const MappedImage>> ImageFile::map() const {
    void* mapped = ::mmap(nullptr, written_, PROT_READ, MAP_SHARED, file_.get(), 0);
    if (mapped == MAP_FAILED)
        return file_error("map the root file system's image in", folder_, errno);
    return std::make_shared<const MappedImage>(
        ByteSpan(static_cast<const std::uint8_t*>(mapped), written_));
}

} // namespace unik::rootfs
