#include <bundle/strict_json.hpp>

#include <set>
#include <vector>

#include <string_view>

#include <fmt/format.h>

namespace unik::bundle {
namespace {

// Without the library's name for the exception: "[json.exception.parse_error.101] parse error at
// …".
std::string_view own_words(std::string_view what) {
    const std::size_t end = what.find("] ");
    return what.starts_with('[') && end != std::string_view::npos ? what.substr(end + 2) : what;
}

using nlohmann::json;

constexpr std::size_t k_deepest = 32;

// Sees each event of the parser; what nests too deep is not kept, so it costs no memory.
class Guard {
public:
    bool operator()(int depth, json::parse_event_t event, json& value) {
        if (static_cast<std::size_t>(depth) > k_deepest) {
            fail(fmt::format("it nests deeper than {}", k_deepest));
            return false;
        }
        if (event == json::parse_event_t::object_start)
            keys_.emplace_back();
        if (event == json::parse_event_t::object_end)
            keys_.pop_back();
        if (event == json::parse_event_t::key &&
            !keys_.back().insert(value.get<std::string>()).second)
            fail(fmt::format("the key '{}' appears twice", value.get<std::string>()));
        return true;
    }
    const std::string& reason() const { return reason_; }

private:
    void fail(std::string reason) {
        if (reason_.empty())
            reason_ = std::move(reason);
    }
    std::vector<std::set<std::string>> keys_;
    std::string reason_;
};

} // namespace

Result<json> parse_strictly(std::string_view text, const std::string& name) {
    Guard guard;
    std::string reason;
    try {
        json document = json::parse(text.begin(), text.end(), std::ref(guard));
        if (guard.reason().empty())
            return document;
        reason = guard.reason();
    } catch (const json::exception& error) {
        reason = fmt::format("it is not JSON ({})", own_words(error.what()));
    }
    return make_error("image-broken", fmt::format("'{}' cannot be read: {}", name, reason),
                      "build the bundle anew");
}

} // namespace unik::bundle
