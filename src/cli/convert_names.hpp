// Names of `unik convert`: its formats, and the file that it writes when none is given.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace unik::cli {

// The table of formats (disk/formats.hpp) as the option table wants it; a test compares them.
inline constexpr std::string_view k_convert_formats =
    "raw|qcow2|vmdk|vmdk-stream|vdi|vhd|vhd-fixed|vhdx|ova|gce|iso";

// "disk" for "disk.qcow2" and "disk.tar.gz"; a name that only is an extension stays.
std::string without_extension(const std::string& name);
// "web.vdi" beside "web.unik/".
std::filesystem::path output_beside(const std::filesystem::path& input, std::string_view extension);

} // namespace unik::cli
