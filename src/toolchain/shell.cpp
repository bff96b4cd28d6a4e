#include <toolchain/shell.hpp>

#include <algorithm>

namespace unik::toolchain {

std::string expanded(const std::string& text, const Environment& variables) {
    std::string out;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t start = text.find("${", at);
        const std::size_t end =
            start == std::string::npos ? std::string::npos : text.find('}', start);
        if (end == std::string::npos)
            break;
        const auto known = variables.find(text.substr(start + 2, end - start - 2));
        out += text.substr(at, start - at);
        out += known != variables.end() ? known->second : text.substr(start, end + 1 - start);
        at = end + 1;
    }
    return out + text.substr(std::min(at, text.size()));
}

Result<Completed> Shell::run(const std::string& script, const std::string& title) const {
    if (script.empty())
        return Completed{};
    Command command;
    command.arguments = {"sh", "-c", script};
    command.directory = directory;
    command.environment = environment;
    command.on_output = on_output;
    auto completed = run_successfully(command, "build-failed");
    if (completed.ok())
        return completed;
    Error error = std::move(completed).error();
    Diagnostic& problem = error.diagnostics[0];
    constexpr std::string_view k_subject = "'sh'";
    if (problem.message.starts_with(k_subject))
        problem.message.replace(0, k_subject.size(), title);
    // The title says which script it was, and a long one would bury its own last words.
    std::erase_if(problem.notes, [](const std::string& note) {
        return note.starts_with("command: ") && note.find('\n') != std::string::npos;
    });
    return error;
}

} // namespace unik::toolchain
