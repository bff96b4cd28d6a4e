// The disk in a packed archive can only be read from front to back. Whoever goes back makes the
// archive be opened anew; copying goes forward alone.
#include <algorithm>
#include <array>
#include <vector>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <disk/containers/containers.hpp>
#include <disk/containers/gce.hpp>

namespace unik::disk {
namespace {

constexpr std::uint64_t k_largest_disk = 1ULL << 50;
constexpr int k_most_members = 16;

// An archive being read. Damage ends as a broken image with libarchive's own words.
class ArchiveReader {
public:
    explicit ArchiveReader(Content& file)
        : file_(file), archive_(archive_read_new(), &archive_read_free) {}

    // Goes to the member; returns its size.
    Result<std::uint64_t> open();
    // The next block of its content; nothing behind the last.
    struct Block {
        std::uint64_t offset = 0;
        ByteSpan bytes;
        std::uint64_t end() const { return offset + bytes.size(); }
    };
    Result<std::optional<Block>> next();

private:
    static la_ssize_t read_file(archive* archive, void* self, const void** bytes);
    Error broken() const;

    Content& file_;
    std::unique_ptr<archive, decltype(&archive_read_free)> archive_;
    std::uint64_t position_ = 0;
    ByteVector buffer_ = ByteVector(65536);
};

la_ssize_t ArchiveReader::read_file(archive* archive, void* self, const void** bytes) {
    auto& reader = *static_cast<ArchiveReader*>(self);
    const std::uint64_t left = reader.file_.size().value - reader.position_;
    const std::size_t count = std::min<std::uint64_t>(left, reader.buffer_.size());
    const auto read = reader.file_.read(reader.position_, std::span(reader.buffer_).first(count));
    if (!read.ok()) {
        archive_set_error(archive, -1, "%s", read.error().diagnostics.at(0).message.c_str());
        return -1;
    }
    reader.position_ += count;
    *bytes = reader.buffer_.data();
    return static_cast<la_ssize_t>(count);
}

Error ArchiveReader::broken() const {
    const char* reason = archive_error_string(archive_.get());
    return broken_image(file_.name(),
                        fmt::format("expected a gzip'd tar archive with the member '{}', found "
                                    "another file or damage: {}",
                                    k_gce_member, reason == nullptr ? "no such member" : reason));
}

Result<std::uint64_t> ArchiveReader::open() {
    if (!archive_)
        return broken();
    archive_read_support_filter_gzip(archive_.get());
    archive_read_support_format_tar(archive_.get());
    if (archive_read_open(archive_.get(), this, nullptr, &read_file, nullptr) != ARCHIVE_OK)
        return broken();
    for (int i = 0; i < k_most_members; ++i) {
        archive_entry* entry = nullptr;
        const int status = archive_read_next_header(archive_.get(), &entry);
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
            break;
        const char* name = archive_entry_pathname(entry);
        if (name == nullptr || (k_gce_member != name && std::string_view(name) != "./disk.raw"))
            continue;
        const la_int64_t size = archive_entry_size(entry);
        if (size < 0 || static_cast<std::uint64_t>(size) > k_largest_disk)
            break;
        return static_cast<std::uint64_t>(size);
    }
    return broken();
}

Result<std::optional<ArchiveReader::Block>> ArchiveReader::next() {
    for (;;) {
        const void* bytes = nullptr;
        std::size_t size = 0;
        la_int64_t offset = 0;
        const int status = archive_read_data_block(archive_.get(), &bytes, &size, &offset);
        if (status == ARCHIVE_EOF)
            return std::optional<Block>();
        if (status != ARCHIVE_OK || offset < 0)
            return broken();
        if (size > 0)
            return std::optional(Block{static_cast<std::uint64_t>(offset),
                                       {static_cast<const std::uint8_t*>(bytes), size}});
    }
}

class GceContent : public Content {
public:
    static Result<ContentPtr> open(ContentPtr file) {
        auto reader = std::make_unique<ArchiveReader>(*file);
        const Bytes size{UNIK_TRY(reader->open())};
        return ContentPtr(new GceContent(std::move(file), size, std::move(reader)));
    }
    Result<void> read(std::uint64_t offset, std::span<std::uint8_t> out) override;
    Result<std::optional<Range>> next_data(std::uint64_t offset) override;

private:
    GceContent(ContentPtr file, Bytes size, std::unique_ptr<ArchiveReader> reader)
        : Content(file->name(), size), file_(std::move(file)), reader_(std::move(reader)) {}
    Result<void> seek(std::uint64_t offset);

    ContentPtr file_;
    std::unique_ptr<ArchiveReader> reader_;
    std::optional<ArchiveReader::Block> block_; // nothing: before the first, or at_end_
    std::uint64_t hole_ = 0;                    // from here to the block there are zeros
    bool at_end_ = false;
};

// Makes block_ the first that ends behind the offset; nothing when there is none.
Result<void> GceContent::seek(std::uint64_t offset) {
    if (offset < hole_) {
        auto reader = std::make_unique<ArchiveReader>(*file_);
        UNIK_TRY(reader->open());
        reader_ = std::move(reader);
        block_.reset();
        hole_ = 0;
        at_end_ = false;
    }
    while (!at_end_ && (!block_ || block_->end() <= offset)) {
        if (block_)
            hole_ = block_->end();
        const std::uint64_t before = hole_;
        block_ = UNIK_TRY(reader_->next());
        at_end_ = !block_;
        if (block_ && (block_->offset < before || block_->end() > size().value))
            return broken_image(name(), fmt::format("expected the pieces of its disk in order and "
                                                    "within {} bytes, found one at {}",
                                                    size().value, block_->offset));
    }
    return {};
}

Result<void> GceContent::read(std::uint64_t offset, std::span<std::uint8_t> out) {
    std::fill(out.begin(), out.end(), std::uint8_t{0});
    const std::uint64_t end = offset + out.size();
    while (offset < end) {
        UNIK_TRY(seek(offset));
        if (!block_ || block_->offset >= end)
            return {};
        const std::uint64_t from = std::max(offset, block_->offset);
        const std::uint64_t to = std::min(end, block_->end());
        const ByteSpan piece = block_->bytes.subspan(from - block_->offset, to - from);
        std::copy(piece.begin(), piece.end(), out.end() - static_cast<std::ptrdiff_t>(end - from));
        offset = to;
    }
    return {};
}

Result<std::optional<Range>> GceContent::next_data(std::uint64_t offset) {
    if (offset >= size().value)
        return std::optional<Range>();
    UNIK_TRY(seek(offset));
    if (!block_)
        return std::optional<Range>();
    const std::uint64_t begin = std::max(offset, block_->offset);
    return std::optional(Range{begin, block_->end() - begin});
}

} // namespace

Result<bool> is_gce(Content& file) {
    std::array<std::uint8_t, 2> magic{};
    if (file.size().value < magic.size())
        return false;
    UNIK_TRY(file.read(0, magic));
    return magic == std::array<std::uint8_t, 2>{0x1f, 0x8b};
}

Result<ContentPtr> open_gce(ContentPtr file) {
    return GceContent::open(std::move(file));
}

} // namespace unik::disk
