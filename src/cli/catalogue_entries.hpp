// What the commands that show the catalogue have in common.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <support/result.hpp>
#include <support/text.hpp>

namespace unik::cli {

// Empty: all are wanted.
template <typename Map>
Result<void> check_known(const Map& entries, const std::string& wanted, std::string_view what) {
    if (wanted.empty() || entries.contains(wanted))
        return {};
    std::vector<std::string> names;
    for (const auto& [name, entry] : entries)
        names.push_back(name);
    return make_error(fmt::format("unknown-{}", what),
                      fmt::format("there is no {} '{}'", what, wanted), did_you_mean(wanted, names),
                      ExitCode::usage);
}

} // namespace unik::cli
