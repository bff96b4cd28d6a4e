#include <link/mangle.hpp>

#include <fmt/format.h>

namespace unik::link {

std::string mangle(std::string_view name, std::string_view parameters) {
    std::string symbol = "_ZN";
    while (!name.empty()) {
        const std::size_t end = name.find("::");
        const std::string_view part = name.substr(0, end);
        symbol += fmt::format("{}{}", part.size(), part);
        name.remove_prefix(end == std::string_view::npos ? name.size() : end + 2);
    }
    return symbol + "E" + std::string(parameters);
}

} // namespace unik::link
