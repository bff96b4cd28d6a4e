#include <cli/help.hpp>

#include <array>

#include <fmt/format.h>

#include <cli/commands.hpp>
#include <cli/terminal.hpp>
#include <support/text.hpp>

namespace unik::cli {
namespace {

constexpr std::size_t k_width = 88;

std::string paragraphs(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t end = text.find("\n\n");
        out += wrapped(text.substr(0, end), 2, k_width) + '\n';
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 2);
    }
    return out;
}

std::string option_text(const Option& option) {
    std::string description(option.description);
    if (!option.choices.empty())
        description += fmt::format(" One of: {}.", option.choices);
    if (!option.fallback.empty())
        description += fmt::format(" Default: {}.", option.fallback);
    if (option.repeat == Repeat::many)
        description += " May be repeated.";
    return fmt::format("  {}\n{}", option_heading(option), wrapped(description, 6, k_width));
}

} // namespace

std::string option_heading(const Option& option) {
    std::string heading = option.letter != '\0'
                              ? fmt::format("-{}, --{}", option.letter, option.name)
                              : fmt::format("--{}", option.name);
    if (option.kind != ValueKind::none)
        heading += fmt::format(" {}", option.value_name);
    return heading;
}

std::string usage_line(const CommandSpecification& command) {
    std::string line = fmt::format("unik {}", command.name);
    if (!command.options.empty())
        line += " [options]";
    for (const Positional& positional : command.positionals) {
        const std::string name = positional.repeat == Repeat::many
                                     ? fmt::format("-- {}...", positional.name)
                                     : std::string(positional.name);
        line += positional.required ? fmt::format(" {}", name) : fmt::format(" [{}]", name);
    }
    return line;
}

std::string overview() {
    std::string out = "unik turns an application into a bootable unikernel image.\n\n"
                      "Usage: unik COMMAND [options]\n\nCommands:\n";
    for (const CommandSpecification& command : commands())
        if (!command.hidden)
            out += fmt::format("  {:<18}{}\n", command.name, command.summary);
    out += "\nExit codes:\n";
    for (const ExitCodeDescription& exit : exit_codes())
        out += fmt::format("  {:<12}{}\n", exit.code, exit.meaning);
    return out + "\n'unik help COMMAND' or 'man unik-COMMAND' tells more; "
                 "the Unikfile is described in Unikfile(5).\n";
}

std::string help_text(const CommandSpecification& command) {
    std::string out =
        fmt::format("Usage: {}\n\n{}", usage_line(command), paragraphs(command.description));
    if (!command.positionals.empty())
        out += "Arguments:\n";
    for (const Positional& positional : command.positionals)
        out +=
            fmt::format("  {}\n{}", positional.name, wrapped(positional.description, 6, k_width));
    out += command.positionals.empty() ? "Options:\n" : "\nOptions:\n";
    for (const Option& option : command.options)
        out += option_text(option);
    for (const Option& option : global_options())
        out += option_text(option);
    if (!command.examples.empty())
        out += "\nExamples:\n";
    for (const Example& example : command.examples)
        out += fmt::format("  {}\n      {}\n", example.command, example.text);
    return out;
}

namespace {

int help_command(const Invocation& invocation) {
    const std::string name = invocation.value("COMMAND");
    if (name.empty()) {
        print(overview());
        return 0;
    }
    if (const CommandSpecification* command = find_command(name)) {
        print(help_text(*command));
        return 0;
    }
    std::vector<std::string> names;
    for (const CommandSpecification& command : commands())
        names.emplace_back(command.name);
    return report(make_error("usage", fmt::format("unik has no command '{}'", name),
                             did_you_mean(name, names), ExitCode::usage));
}

constexpr std::array k_help_positionals{
    Positional{.name = "COMMAND", .kind = ValueKind::command, .description = "A command."}};

} // namespace

constinit const CommandSpecification k_help_command{
    .name = "help",
    .summary = "show help for unik or a command",
    .description = "Shows the list of commands, or one command's help.",
    .options = {},
    .positionals = k_help_positionals,
    .action = help_command};

} // namespace unik::cli
