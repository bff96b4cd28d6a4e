#include <machine/control_channel.hpp>

#include <algorithm>
#include <array>

namespace unik::machine {
namespace {

using nlohmann::json;

constexpr std::size_t k_longest_line = 64 * 1024;
constexpr int k_deepest = 8;

// UTF-8 of U+0080 to U+009F, and of the marks that embed, override and isolate directions.
struct Forbidden {
    std::string_view first;
    std::string_view last; // same length, differing in the last byte only
};
constexpr std::array<Forbidden, 4> k_forbidden{{
    {"\xc2\x80", "\xc2\x9f"},
    {"\xe2\x80\x8e", "\xe2\x80\x8f"},
    {"\xe2\x80\xaa", "\xe2\x80\xae"},
    {"\xe2\x81\xa6", "\xe2\x81\xa9"},
}};

// Bytes of a forbidden character at the text's begin, or 0.
std::size_t forbidden_length(std::string_view text) {
    const auto byte = static_cast<unsigned char>(text[0]);
    if (byte < 0x20 || byte == 0x7f)
        return 1;
    for (const Forbidden& range : k_forbidden) {
        const std::string_view character = text.substr(0, range.first.size());
        if (character >= range.first && character <= range.last)
            return character.size();
    }
    return 0;
}

void clean(json& value) {
    if (value.is_string()) {
        value = without_control_characters(value.get_ref<const std::string&>());
    } else if (value.is_object()) {
        json out = json::object();
        for (auto& [key, member] : value.items()) {
            clean(member);
            out[without_control_characters(key)] = std::move(member);
        }
        value = std::move(out);
    } else if (value.is_array()) {
        for (json& member : value)
            clean(member);
    }
}

// A discarded value when it is not JSON or nests too deep.
json parse_event(const std::string& line) {
    bool deep = false;
    json value = json::parse(
        line,
        [&](int depth, json::parse_event_t, json&) {
            deep = deep || depth > k_deepest;
            return depth <= k_deepest;
        },
        false);
    return deep ? json(json::value_t::discarded) : value;
}

} // namespace

std::string without_control_characters(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t length = forbidden_length(text);
        out += length > 0 ? '?' : text[0];
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

void ControlChannel::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        const std::string_view piece = bytes.substr(0, end);
        if (line_.size() + piece.size() > k_longest_line)
            too_long_ = true;
        if (!too_long_)
            line_ += piece;
        if (end == std::string_view::npos)
            return;
        take_line();
        bytes.remove_prefix(end + 1);
    }
}

void ControlChannel::take_line() {
    std::string line = std::exchange(line_, {});
    if (std::exchange(too_long_, false))
        return complain("a line longer than 64 KiB");
    if (!line.empty() && line.back() == '\r')
        line.pop_back();
    if (line.empty())
        return;
    json event = parse_event(line);
    if (!event.is_object() || !event.contains("event") || !event["event"].is_string())
        return complain("something else than an event");
    clean(event);
    on_event_(std::move(event));
}

void ControlChannel::complain(std::string_view what) {
    if (std::exchange(complained_, true))
        return;
    on_event_({{"event", "warning"},
               {"id", "control-channel"},
               {"message", std::string("the guest sent ") + std::string(what) +
                               " on the control channel; further ones are ignored silently"}});
}

} // namespace unik::machine
