// Every command, option and argument, declared once: the parser, --help, the manual pages and the
// shell completions are all made from this table.
#pragma once

#include <span>
#include <string_view>

namespace unik::cli {

class Invocation;

// What a value is, for completion.
enum class ValueKind {
    none,
    text,
    file,
    directory,
    bundle,
    choice,
    target,
    language,
    component,
    command
};

enum class Repeat { once, many };

struct Option {
    std::string_view name{};          // long form without dashes
    char letter = '\0';               // short form, or NUL
    ValueKind kind = ValueKind::none; // none: a switch
    std::string_view value_name{};    // "DIR"; empty for a switch
    std::string_view description{};
    std::string_view choices{};  // "auto|plain|json" for ValueKind::choice
    std::string_view fallback{}; // the default, as text; empty: none
    Repeat repeat = Repeat::once;
};

struct Positional {
    std::string_view name{}; // "DIR"
    ValueKind kind = ValueKind::text;
    std::string_view description{};
    std::string_view choices{};
    bool required = false;
    Repeat repeat = Repeat::once; // many: takes all that is left, also after "--"
};

struct Example {
    std::string_view command{};
    std::string_view text{};
};

struct CommandSpecification {
    std::string_view name{};
    std::string_view summary{};     // one line, no full stop
    std::string_view description{}; // paragraphs, separated by blank lines
    std::span<const Option> options{};
    std::span<const Positional> positionals{};
    std::span<const Example> examples{};
    std::string_view sections{}; // further manual sections: "# TITLE" lines and paragraphs
    int (*action)(const Invocation&) = nullptr;
    bool hidden = false;
};

std::span<const CommandSpecification> commands();
// Options that every command takes.
std::span<const Option> global_options();
const CommandSpecification* find_command(std::string_view name);

struct ExitCodeDescription {
    int code;
    std::string_view meaning{};
};
std::span<const ExitCodeDescription> exit_codes();

} // namespace unik::cli
