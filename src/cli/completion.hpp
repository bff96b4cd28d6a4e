// Completion scripts for bash, zsh and fish.
#pragma once

#include <string>
#include <string_view>

namespace unik::cli {

// shell: "bash", "zsh" or "fish"; empty for others.
std::string completion_script(std::string_view shell);

} // namespace unik::cli
