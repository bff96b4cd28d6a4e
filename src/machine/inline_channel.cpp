#include <machine/inline_channel.hpp>

namespace unik::machine {
namespace {

constexpr char k_record_separator = '\x1e';

} // namespace

InlineChannel::Parts InlineChannel::split(std::string_view bytes) {
    Parts parts;
    while (!bytes.empty()) {
        const std::size_t end = bytes.find(within_event_ ? '\n' : k_record_separator);
        const bool turns = end != std::string_view::npos;
        // An event takes its line end along, the separator belongs to nobody.
        const std::size_t taken = turns && within_event_ ? end + 1 : end;
        (within_event_ ? parts.events : parts.output) += bytes.substr(0, taken);
        bytes.remove_prefix(turns ? end + 1 : bytes.size());
        within_event_ = within_event_ != turns;
    }
    return parts;
}

} // namespace unik::machine
