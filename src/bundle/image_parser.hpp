// image.json from its text.
#pragma once

#include <filesystem>
#include <string_view>

#include <bundle/bundle.hpp>

namespace unik::bundle {

// Some 200 bytes for each file of the root.
inline constexpr Bytes k_largest_record{128 << 20};

// file: for messages. Whether the files that it names are there is not looked at. Error
// image-broken.
Result<Image> parse_image(std::string_view text, const std::filesystem::path& file);

} // namespace unik::bundle
