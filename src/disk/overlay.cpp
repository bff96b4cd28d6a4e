#include <disk/overlay.hpp>

#include <algorithm>

namespace unik::disk {
namespace {

class Overlay : public Content {
public:
    Overlay(ContentPtr base, Layout pieces)
        : Content(base->name(), pieces.size()), base_(std::move(base)),
          base_size_(std::min(base_->size(), pieces.size()).value), pieces_(std::move(pieces)) {}

    Result<void> read(std::uint64_t offset, std::span<std::uint8_t> out) override {
        const std::uint64_t below =
            offset < base_size_ ? std::min<std::uint64_t>(base_size_ - offset, out.size()) : 0;
        if (below > 0)
            UNIK_TRY(base_->read(offset, out.first(below)));
        std::fill(out.begin() + static_cast<std::ptrdiff_t>(below), out.end(), std::uint8_t{0});
        std::optional<Range> piece = UNIK_TRY(pieces_.next_data(offset));
        for (; piece && piece->offset < offset + out.size();
             piece = UNIK_TRY(pieces_.next_data(piece->end()))) {
            const std::uint64_t end = std::min(piece->end(), offset + out.size());
            UNIK_TRY(pieces_.read(piece->offset,
                                  out.subspan(piece->offset - offset, end - piece->offset)));
        }
        return {};
    }

    Result<std::optional<Range>> next_data(std::uint64_t offset) override {
        const std::optional<Range> above = UNIK_TRY(pieces_.next_data(offset));
        std::optional<Range> below;
        if (offset < base_size_)
            below = UNIK_TRY(base_->next_data(offset));
        if (!below || below->offset >= base_size_ || (above && above->offset <= below->offset))
            return above;
        below->length = std::min(below->end(), base_size_) - below->offset;
        return below;
    }

private:
    ContentPtr base_;
    std::uint64_t base_size_;
    Layout pieces_;
};

} // namespace

ContentPtr overlay(ContentPtr base, Layout pieces) {
    return std::make_shared<Overlay>(std::move(base), std::move(pieces));
}

} // namespace unik::disk
