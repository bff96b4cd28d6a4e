// The scripts of recipes, run by `sh -c` in the project's folder.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <support/process.hpp>
#include <support/result.hpp>

namespace unik::toolchain {

using Environment = std::map<std::string, std::string>;

// Replaces ${NAME} by the value of that variable; other text, and unknown names, stay.
std::string expanded(const std::string& text, const Environment& variables);

struct Shell {
    std::filesystem::path directory;
    Environment environment;
    std::function<void(std::string_view)> on_output;

    // title: what messages call the script. An empty script does nothing.
    Result<Completed> run(const std::string& script, const std::string& title) const;
};

} // namespace unik::toolchain
