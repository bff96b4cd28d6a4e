// JSON from outside: bounded in size and depth, and no key twice in an object.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <support/result.hpp>

namespace unik::bundle {

// Error `image-broken` with the place in the text where it happened.
Result<nlohmann::json> parse_strictly(std::string_view text, const std::string& name);

} // namespace unik::bundle
