// A file that must not be there yet: unlike an atomic file's rename, this never takes another's
// place.
#pragma once

#include <filesystem>
#include <string_view>

#include <support/result.hpp>

namespace unik::sign {

Result<void> create_file(const std::filesystem::path& path, std::string_view text, unsigned mode);

} // namespace unik::sign
