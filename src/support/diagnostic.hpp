// What went wrong, where, and what to do: the only form in which stages speak of failure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace unik {

// The documented exit codes of the command. `unik run` also returns the guest's own code.
enum class ExitCode : int {
    success = 0,
    failure = 1,
    usage = 2,
    missing_tool = 3,
    verification_refused = 4,
};

enum class Severity { error, warning, note };

// A place in a text file. Lines and columns count from 1 (columns in bytes); 0 means unknown.
struct SourceSpan {
    std::string file;
    std::size_t line = 0;
    std::size_t column = 0;
    std::size_t length = 0; // bytes to underline, 0 for none
    std::string line_text;  // the whole line, without its end; empty: no excerpt
};

struct Diagnostic {
    Severity severity = Severity::error;
    std::string id;      // stable, kebab-case, listed in unik(1): "unknown-key"
    std::string message; // what was expected, what was found; no capital, no full stop
    SourceSpan where;
    std::string hint;               // what to do next
    std::vector<std::string> notes; // further lines: a tool's last output, a chain of reasons
};

// One or more diagnostics, in source order, and the exit code they lead to.
struct Error {
    std::vector<Diagnostic> diagnostics;
    ExitCode exit_code = ExitCode::failure;
};

// An error without a place in a file.
Error make_error(std::string id, std::string message, std::string hint = {},
                 ExitCode exit_code = ExitCode::failure);

// The house form, without colours:
//     Unikfile:12:3: error: unknown key 'memroy' [unknown-key]
//       12 |   memroy: 64M
//          |   ^~~~~~
//       hint: did you mean 'memory'?
// Colour is the caller's: the styles are applied around "error:", the carets and "hint:".
enum class Colour { off, on };
std::string to_text(const Diagnostic& diagnostic, Colour colour = Colour::off);
std::string to_text(const Error& error, Colour colour = Colour::off);

} // namespace unik
