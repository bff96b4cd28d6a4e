#include <disk/containers/block_content.hpp>

#include <fmt/format.h>

namespace unik::disk {
namespace {

// A range is not followed further: whoever copies asks again.
constexpr std::uint64_t k_longest_range = 64ULL << 20;

} // namespace

Result<void> BlockContent::unpack(std::uint64_t, ByteSpan, std::span<std::uint8_t>) {
    return broken_image(name(), "it has packed blocks, which its format does not know");
}

Result<void> BlockContent::load_packed(std::uint64_t block, const Place& place) {
    if (unpacked_block_ == block)
        return {};
    unpacked_block_ = ~0ULL;
    if (place.length > packed_limit())
        return broken_image(name(),
                            fmt::format("expected at most {} bytes for packed block {}, found {}",
                                        packed_limit(), block, place.length));
    const std::uint64_t size = file_->size().value;
    if (place.offset >= size)
        return broken_image(name(), fmt::format("packed block {} begins at offset {:#x}, behind "
                                                "its end at {}",
                                                block, place.offset, size));
    packed_.resize(std::min(place.length, size - place.offset)); // padding may be cut off
    unpacked_.resize(block_);
    UNIK_TRY(file_->read(place.offset, packed_));
    UNIK_TRY(unpack(block, packed_, unpacked_));
    unpacked_block_ = block;
    return {};
}

// How many bytes from the offset on lie in the file one after the other, at most count.
Result<std::uint64_t> BlockContent::stored_run(std::uint64_t offset, std::uint64_t count,
                                               const Place& first) {
    std::uint64_t run = block_ - offset % block_;
    for (std::uint64_t next = offset / block_ + 1; run < count; ++next, run += block_) {
        const Place place = UNIK_TRY(find(next));
        if (place.kind != Place::Kind::stored ||
            place.offset != first.offset + (next - offset / block_) * block_)
            break;
    }
    return std::min(run, count);
}

// The beginning of out, as far as one step goes; returns how much that was.
Result<std::size_t> BlockContent::read_step(std::uint64_t offset, std::span<std::uint8_t> out) {
    const std::uint64_t block = offset / block_;
    const std::uint64_t inside = offset % block_;
    const Place place = UNIK_TRY(find(block));
    if (place.kind == Place::Kind::stored) {
        if (place.offset > file_->size().value)
            return broken_image(name(), fmt::format("block {} begins at offset {:#x}, behind its "
                                                    "end at {}",
                                                    block, place.offset, file_->size().value));
        const std::uint64_t run = UNIK_TRY(stored_run(offset, out.size(), place));
        UNIK_TRY(read_within(*file_, place.offset + inside, out.first(run)));
        return static_cast<std::size_t>(run);
    }
    out = out.first(std::min<std::uint64_t>(block_ - inside, out.size()));
    if (place.kind == Place::Kind::hole) {
        std::fill(out.begin(), out.end(), std::uint8_t{0});
        return out.size();
    }
    UNIK_TRY(load_packed(block, place));
    const auto from = unpacked_.begin() + static_cast<std::ptrdiff_t>(inside);
    std::copy_n(from, out.size(), out.begin());
    return out.size();
}

Result<void> BlockContent::read(std::uint64_t offset, std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const std::size_t count = UNIK_TRY(read_step(offset, out));
        offset += count;
        out = out.subspan(count);
    }
    return {};
}

Result<std::optional<Range>> BlockContent::next_data(std::uint64_t offset) {
    const std::uint64_t count = block_count();
    std::uint64_t block = offset < size().value ? offset / block_ : count;
    while (block < count) {
        const Place place = UNIK_TRY(find(block));
        if (place.kind != Place::Kind::hole)
            break;
        block += std::min(place.run, count - block);
    }
    if (block >= count)
        return std::optional<Range>();
    const std::uint64_t begin = std::max(offset, block * block_);
    const std::uint64_t limit = std::min(count, block + std::max(k_longest_range / block_, 1UL));
    for (++block; block < limit; ++block)
        if (UNIK_TRY(find(block)).kind == Place::Kind::hole)
            break;
    const std::uint64_t end = std::min(block * block_, size().value);
    return std::optional(Range{begin, end - begin});
}

Result<void> check_table(Content& file, std::string_view what, std::uint64_t offset,
                         std::uint64_t count, std::uint64_t entry_size) {
    const std::uint64_t size = file.size().value;
    if (offset <= size && count <= (size - offset) / entry_size)
        return {};
    return broken_image(file.name(),
                        fmt::format("expected its {} with {} entries of {} bytes at offset {:#x}, "
                                    "found the end of the file at {}",
                                    what, count, entry_size, offset, size));
}

} // namespace unik::disk
