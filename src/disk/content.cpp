#include <disk/content.hpp>

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace unik::disk {
namespace {

class FileContent : public Content {
public:
    FileContent(int descriptor, std::string name, Bytes size)
        : Content(std::move(name), size), descriptor_(descriptor) {}
    FileContent(const FileContent&) = delete;
    FileContent& operator=(const FileContent&) = delete;
    ~FileContent() override { ::close(descriptor_); }

    Result<void> read(std::uint64_t offset, std::span<std::uint8_t> out) override;
    Result<std::optional<Range>> next_data(std::uint64_t offset) override;

private:
    int descriptor_;
};

Result<void> FileContent::read(std::uint64_t offset, std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const ssize_t got =
            ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return file_error("read", name(), got < 0 ? errno : EIO); // cut off meanwhile
        offset += static_cast<std::uint64_t>(got);
        out = out.subspan(static_cast<std::size_t>(got));
    }
    return {};
}

Result<std::optional<Range>> FileContent::next_data(std::uint64_t offset) {
    if (offset >= size().value)
        return std::optional<Range>();
    const off_t data = ::lseek(descriptor_, static_cast<off_t>(offset), SEEK_DATA);
    if (data < 0 && errno == ENXIO)
        return std::optional<Range>();
    if (data < 0) // a file system without holes
        return std::optional(Range{offset, size().value - offset});
    const off_t hole = ::lseek(descriptor_, data, SEEK_HOLE);
    const std::uint64_t begin = static_cast<std::uint64_t>(data);
    const std::uint64_t end =
        hole < 0 ? size().value : std::min(static_cast<std::uint64_t>(hole), size().value);
    if (begin >= end)
        return std::optional<Range>();
    return std::optional(Range{begin, end - begin});
}

class MemoryContent : public Content {
public:
    MemoryContent(std::string name, ByteSpan bytes)
        : Content(std::move(name), Bytes{bytes.size()}), bytes_(bytes) {}

    Result<void> read(std::uint64_t offset, std::span<std::uint8_t> out) override {
        const ByteSpan piece = bytes_.subspan(offset, out.size());
        std::copy(piece.begin(), piece.end(), out.begin());
        return {};
    }
    Result<std::optional<Range>> next_data(std::uint64_t offset) override {
        if (offset >= bytes_.size())
            return std::optional<Range>();
        return std::optional(Range{offset, bytes_.size() - offset});
    }

private:
    ByteSpan bytes_;
};

class PartContent : public Content {
public:
    PartContent(ContentPtr whole, Range range)
        : Content(whole->name(), Bytes{range.length}), whole_(std::move(whole)),
          begin_(range.offset) {}

    Result<void> read(std::uint64_t offset, std::span<std::uint8_t> out) override {
        return whole_->read(begin_ + offset, out);
    }
    Result<std::optional<Range>> next_data(std::uint64_t offset) override {
        if (offset >= size().value)
            return std::optional<Range>();
        std::optional<Range> found = UNIK_TRY(whole_->next_data(begin_ + offset));
        const std::uint64_t end = begin_ + size().value;
        if (!found || found->offset >= end)
            return std::optional<Range>();
        return std::optional(
            Range{found->offset - begin_, std::min(found->end(), end) - found->offset});
    }

private:
    ContentPtr whole_;
    std::uint64_t begin_;
};

} // namespace

Result<ContentPtr> open_file(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return file_error("read", path, errno);
    return adopt_file(descriptor, path.string());
}

Result<ContentPtr> adopt_file(int descriptor, std::string name) {
    struct stat status {};
    const int failed = ::fstat(descriptor, &status) != 0 ? errno : 0;
    if (failed == 0 && S_ISREG(status.st_mode))
        return ContentPtr(std::make_shared<FileContent>(
            descriptor, std::move(name), Bytes{static_cast<std::uint64_t>(status.st_size)}));
    ::close(descriptor);
    if (failed != 0)
        return file_error("read", name, failed);
    return make_error("not-a-file", fmt::format("'{}' is not a regular file", name));
}

ContentPtr over_memory(std::string name, ByteSpan bytes) {
    return std::make_shared<MemoryContent>(std::move(name), bytes);
}

ContentPtr part_of(ContentPtr whole, Range range) {
    return std::make_shared<PartContent>(std::move(whole), range);
}

Error broken_image(const std::string& name, std::string reason) {
    return make_error("broken-image",
                      fmt::format("'{}' is not an image that unik reads: {}", name, reason));
}

Error unsupported_image(const std::string& name, std::string reason, std::string hint) {
    return make_error("unsupported-image", fmt::format("'{}' cannot be read: {}", name, reason),
                      std::move(hint));
}

Result<void> read_within(Content& content, std::uint64_t offset, std::span<std::uint8_t> out) {
    const std::uint64_t size = content.size().value;
    if (offset > size || out.size() > size - offset)
        return broken_image(content.name(),
                            fmt::format("expected {} bytes at offset {:#x}, found its end at {}",
                                        out.size(), offset, size));
    return content.read(offset, out);
}

} // namespace unik::disk
