// One parsed command line: the values given for the table's options and arguments.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <cli/command_table.hpp>
#include <support/result.hpp>

namespace unik::cli {

class Invocation {
public:
    const CommandSpecification* command = nullptr;
    std::map<std::string, std::vector<std::string>, std::less<>>
        values; // by option or argument name
    bool help = false;

    bool has(std::string_view name) const { return values.contains(name); }
    // The last value given, or the option's default.
    std::string value(std::string_view name) const;
    std::vector<std::string> all(std::string_view name) const;
};

// Parses by CLI11. Errors: exit code 2, with a suggestion where a word was misspelt.
Result<Invocation> parse(int argc, const char* const* argv);

} // namespace unik::cli
