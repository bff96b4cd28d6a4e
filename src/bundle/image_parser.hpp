// image.json from its text.
#pragma once

#include <filesystem>
#include <string_view>

#include <bundle/bundle.hpp>

namespace unik::bundle {

inline constexpr Bytes k_largest_record{16 << 20};

// file: for messages. Whether the files that it names are there is not looked at. Error
// image-broken.
Result<Image> parse_image(std::string_view text, const std::filesystem::path& file);

} // namespace unik::bundle
