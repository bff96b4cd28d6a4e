// --help, from the table.
#pragma once

#include <string>

#include <cli/command_table.hpp>

namespace unik::cli {

std::string overview();
std::string help_text(const CommandSpecification& command);

// "unik build [options] [DIR]".
std::string usage_line(const CommandSpecification& command);
// "-o, --output BUNDLE".
std::string option_heading(const Option& option);

} // namespace unik::cli
