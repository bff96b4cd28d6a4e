#include <machine/firmware_words.hpp>

#include <utility>

namespace unik::machine {
namespace {

constexpr std::size_t k_most_kept = 64 * 1024;

} // namespace

std::string_view FirmwareWords::pass(std::string_view bytes) {
    if (own_)
        return bytes;
    kept_ += bytes;
    const std::size_t mark = kept_.find(k_guest_mark);
    if (mark == std::string::npos) {
        if (kept_.size() > 2 * k_most_kept)
            kept_.erase(0, kept_.size() - k_most_kept);
        return {};
    }
    own_ = true;
    passed_ = kept_.substr(mark + k_guest_mark.size());
    kept_.clear();
    return passed_;
}

std::string FirmwareWords::take_rest() {
    return std::exchange(kept_, {});
}

} // namespace unik::machine
