#include <cli/convert_names.hpp>

#include <fmt/format.h>

namespace unik::cli {

namespace fs = std::filesystem;

std::string without_extension(const std::string& name) {
    constexpr std::string_view k_double = ".tar.gz";
    if (name.size() > k_double.size() && name.ends_with(k_double))
        return name.substr(0, name.size() - k_double.size());
    return fs::path(name).stem().string();
}

fs::path output_beside(const fs::path& input, std::string_view extension) {
    fs::path path = input.lexically_normal();
    if (!path.has_filename()) // a trailing slash
        path = path.parent_path();
    if (path.filename() == "." || path.filename() == ".." || path.filename().empty()) {
        std::error_code ignored;
        path = fs::canonical(input, ignored);
    }
    return path.parent_path() /
           fmt::format("{}.{}", without_extension(path.filename().string()), extension);
}

} // namespace unik::cli
