// Reading a container: the disk is an array of equal blocks, each somewhere in the file, packed
// there, or nowhere. A format says where a block is; all else is the same for all of them.
#pragma once

#include <algorithm>

#include <disk/containers/blocks.hpp>

namespace unik::disk {

struct Place {
    enum class Kind { hole, stored, packed };
    Kind kind = Kind::hole;
    std::uint64_t offset = 0; // in the file
    std::uint64_t length = 0; // of what is packed
    std::uint64_t run = 1;    // hole: how many blocks from this one on are known to be holes
};

constexpr Place hole(std::uint64_t run = 1) {
    return {Place::Kind::hole, 0, 0, run};
}

class BlockContent : public Content {
public:
    Result<void> read(std::uint64_t offset, std::span<std::uint8_t> out) final;
    Result<std::optional<Range>> next_data(std::uint64_t offset) final;

protected:
    BlockContent(ContentPtr file, Bytes size, std::uint64_t block)
        : Content(file->name(), size), file_(std::move(file)), block_(block) {}

    // Precondition: a block of the disk.
    virtual Result<Place> find(std::uint64_t block) = 0;
    // out has the size of a block. packed begins with the block's bytes; there may be more.
    virtual Result<void> unpack(std::uint64_t block, ByteSpan packed, std::span<std::uint8_t> out);

    Content& file() { return *file_; }
    std::uint64_t block_size() const { return block_; }
    std::uint64_t block_count() const { return divide_up(size().value, block_); }
    // Its largest packed block; what claims to be larger is broken.
    virtual std::uint64_t packed_limit() const { return 2 * block_; }

private:
    Result<std::size_t> read_step(std::uint64_t offset, std::span<std::uint8_t> out);
    Result<std::uint64_t> stored_run(std::uint64_t offset, std::uint64_t count, const Place& first);
    Result<void> load_packed(std::uint64_t block, const Place& place);

    ContentPtr file_;
    std::uint64_t block_;
    std::uint64_t unpacked_block_ = ~0ULL;
    ByteVector unpacked_;
    ByteVector packed_;
};

// A table of the file, read page by page: however large it claims to be, 64 KiB are kept.
template <typename Entry>
class PagedTable {
public:
    PagedTable() = default;
    PagedTable(std::uint64_t offset, std::uint64_t count) : offset_(offset), count_(count) {}

    std::uint64_t count() const { return count_; }
    // Precondition: index < count().
    Result<Entry> at(Content& file, std::uint64_t index) {
        const std::uint64_t first = index / k_page * k_page;
        if (first != first_ || entries_.empty()) {
            entries_.clear();
            std::vector<Entry> entries(std::min(k_page, count_ - first));
            UNIK_TRY(read_within(
                file, offset_ + first * sizeof(Entry),
                {reinterpret_cast<std::uint8_t*>(entries.data()), entries.size() * sizeof(Entry)}));
            entries_ = std::move(entries);
            first_ = first;
        }
        return entries_[index - first];
    }

private:
    static constexpr std::uint64_t k_page = 65536 / sizeof(Entry);
    std::uint64_t offset_ = 0;
    std::uint64_t count_ = 0;
    std::uint64_t first_ = 0;
    std::vector<Entry> entries_;
};

// That a table lies in the file as a whole, without an overflow. what: "BAT".
Result<void> check_table(Content& file, std::string_view what, std::uint64_t offset,
                         std::uint64_t count, std::uint64_t entry_size);

} // namespace unik::disk
