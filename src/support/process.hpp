// Running the host's tools. No shell is involved unless the caller runs one.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <support/result.hpp>

namespace unik {

struct Command {
    std::vector<std::string> arguments;             // arguments[0] is searched in $PATH
    std::filesystem::path directory;                // empty: the current one
    std::map<std::string, std::string> environment; // added to, and overriding, our own
    // Called with each piece of the tool's output (stdout and stderr together), as it comes.
    std::function<void(std::string_view)> on_output;
};

struct Completed {
    int exit_status = 0; // 128 + N when signal N ended it, as in the shell
    std::string output;  // stdout and stderr together, at most its last 1 MiB
};

// Runs to the end. Fails only when the tool cannot be started (exit code 3 when it is not found).
// The child dies with us: it gets SIGKILL when our process ends.
Result<Completed> run(const Command& command);

// Called after each run, for a log: what was run, how it ended, how long it took. One observer.
using CommandObserver =
    std::function<void(const Command&, const Completed&, std::chrono::milliseconds)>;
void observe_commands(CommandObserver observer);

// As run, and a non-zero status is an Error `id` with the command, its status and last lines.
Result<Completed> run_successfully(const Command& command, std::string_view id);

// The absolute path of a program in $PATH.
std::optional<std::filesystem::path> find_program(std::string_view name);

// The command as one would type it, quoted for sh.
std::string to_shell(const std::vector<std::string>& arguments);

} // namespace unik
