// Completion scripts, made from the table: for each command its options, their values and
// arguments. The scripts need nothing but the shell; names of targets, languages and components
// come from unik itself when they are asked for.
#include <cli/completion.hpp>

#include <array>

#include <algorithm>

#include <fmt/format.h>

#include <cli/commands.hpp>
#include <cli/terminal.hpp>

namespace unik::cli {
namespace {

std::string replaced(std::string_view text, char from, std::string_view to) {
    std::string out;
    for (const char c : text)
        out += c == from ? std::string(to) : std::string(1, c);
    return out;
}

std::string visible_commands(char separator) {
    std::string out;
    for (const CommandSpecification& command : commands()) {
        if (command.hidden)
            continue;
        if (!out.empty())
            out += separator;
        out += command.name;
    }
    return out;
}

// The options of a command and the global ones.
template <typename Visitor>
void for_each_option(const CommandSpecification& command, Visitor visit) {
    for (const Option& option : command.options)
        visit(option);
    for (const Option& option : global_options())
        visit(option);
}

// Shell code that sets COMPREPLY for a kind of value.
std::string bash_values(ValueKind kind, std::string_view choices) {
    switch (kind) {
    case ValueKind::choice:
        return fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$cur\"))",
                           replaced(choices, '|', " "));
    case ValueKind::file: return "COMPREPLY=($(compgen -f -- \"$cur\"))";
    case ValueKind::directory:
    case ValueKind::bundle: return "COMPREPLY=($(compgen -d -- \"$cur\"))";
    case ValueKind::target:
        return "COMPREPLY=($(compgen -W \"$(_unik_names targets)\" -- \"$cur\"))";
    case ValueKind::language:
        return "COMPREPLY=($(compgen -W \"$(_unik_names languages)\" -- \"$cur\"))";
    case ValueKind::component:
        return "COMPREPLY=($(compgen -W \"$(_unik_names components)\" -- \"$cur\"))";
    case ValueKind::command:
        return fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$cur\"))", visible_commands(' '));
    default: return "COMPREPLY=()";
    }
}

std::string bash_command(const CommandSpecification& command) {
    std::string options;
    std::string values;
    for_each_option(command, [&](const Option& option) {
        options += fmt::format(" --{}", option.name);
        if (option.letter != '\0')
            options += fmt::format(" -{}", option.letter);
        if (option.kind == ValueKind::none)
            return;
        values += option.letter != '\0'
                      ? fmt::format("            --{}|-{})", option.name, option.letter)
                      : fmt::format("            --{})", option.name);
        values += fmt::format(" {}; return ;;\n", bash_values(option.kind, option.choices));
    });
    std::string out = fmt::format("    {})\n", command.name);
    if (!values.empty())
        out += fmt::format("        case \"$prev\" in\n{}        esac\n", values);
    out += fmt::format("        if [[ \"$cur\" == -* ]]; then\n"
                       "            COMPREPLY=($(compgen -W '{}' -- \"$cur\"))\n",
                       options.substr(1));
    if (!command.positionals.empty())
        out +=
            fmt::format("        else\n            {}\n",
                        bash_values(command.positionals[0].kind, command.positionals[0].choices));
    return out + "        fi\n        ;;\n";
}

std::string bash_script() {
    std::string cases;
    for (const CommandSpecification& command : commands())
        if (!command.hidden)
            cases += bash_command(command);
    return fmt::format(R"(# bash completion for unik; made by 'unik completion bash'.
_unik_names() {{
    unik "$1" 2>/dev/null | awk '{{print $1}}'
}}

_unik() {{
    local cur="${{COMP_WORDS[COMP_CWORD]}}" prev="${{COMP_WORDS[COMP_CWORD-1]}}"
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W '{}' -- "$cur"))
        return
    fi
    case "${{COMP_WORDS[1]}}" in
{}    esac
}}
complete -F _unik unik
)",
                       visible_commands(' '), cases);
}

std::string zsh_action(ValueKind kind, std::string_view choices) {
    switch (kind) {
    case ValueKind::choice: return fmt::format("({})", replaced(choices, '|', " "));
    case ValueKind::file: return "_files";
    case ValueKind::directory:
    case ValueKind::bundle: return "_files -/";
    case ValueKind::target: return "($(_unik_names targets))";
    case ValueKind::language: return "($(_unik_names languages))";
    case ValueKind::component: return "($(_unik_names components))";
    case ValueKind::command: return fmt::format("({})", visible_commands(' '));
    default: return " ";
    }
}

// Text inside a single-quoted _arguments specification.
std::string zsh_text(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, text.find(". "))) {
        if (c == '\'')
            out += "'\\''";
        else if (c == '[' || c == ']' || c == ':')
            out += std::string("\\") + c;
        else
            out += c;
    }
    return out.ends_with('.') ? out.substr(0, out.size() - 1) : out;
}

std::string zsh_option(const Option& option) {
    std::string value;
    if (option.kind != ValueKind::none)
        value = fmt::format(":{}:{}", zsh_text(option.value_name),
                            zsh_action(option.kind, option.choices));
    const std::string star = option.repeat == Repeat::many ? "*" : "";
    std::string out = fmt::format(" \\\n            '{}--{}[{}]{}'", star, option.name,
                                  zsh_text(option.description), value);
    if (option.letter != '\0')
        out += fmt::format(" \\\n            '{}-{}[{}]{}'", star, option.letter,
                           zsh_text(option.description), value);
    return out;
}

std::string zsh_command(const CommandSpecification& command) {
    std::string out = fmt::format("        {})\n            _arguments -S", command.name);
    for_each_option(command, [&](const Option& option) { out += zsh_option(option); });
    for (const Positional& positional : command.positionals)
        out +=
            fmt::format(" \\\n            '{}{}:{}'",
                        positional.repeat == Repeat::many ? "*:"
                        : positional.required             ? "1:"
                                                          : "1::",
                        zsh_text(positional.name), zsh_action(positional.kind, positional.choices));
    return out + "\n            ;;\n";
}

std::string zsh_script() {
    std::string list;
    std::string cases;
    for (const CommandSpecification& command : commands()) {
        if (command.hidden)
            continue;
        list += fmt::format("        '{}:{}'\n", command.name, zsh_text(command.summary));
        cases += zsh_command(command);
    }
    return fmt::format(R"(#compdef unik
# zsh completion for unik; made by 'unik completion zsh'.
_unik_names() {{
    unik "$1" 2>/dev/null | awk '{{print $1}}'
}}

_unik() {{
    local -a unik_commands=(
{}    )
    if ((CURRENT == 2)); then
        _describe command unik_commands
        return
    fi
    local name=$words[2]
    shift words
    ((CURRENT--))
    case $name in
{}    esac
}}
if [[ "$funcstack[1]" == _unik ]]; then
    _unik "$@"
else
    compdef _unik unik
fi
)",
                       list, cases);
}

std::string fish_values(ValueKind kind, std::string_view choices) {
    switch (kind) {
    case ValueKind::choice: return fmt::format(" -x -a '{}'", replaced(choices, '|', " "));
    case ValueKind::file: return " -r -F";
    case ValueKind::directory:
    case ValueKind::bundle: return " -x -a '(__fish_complete_directories)'";
    case ValueKind::target: return " -x -a '(__unik_names targets)'";
    case ValueKind::language: return " -x -a '(__unik_names languages)'";
    case ValueKind::component: return " -x -a '(__unik_names components)'";
    case ValueKind::command: return fmt::format(" -x -a '{}'", visible_commands(' '));
    case ValueKind::none: return "";
    case ValueKind::text: return " -x";
    }
    return "";
}

std::string fish_text(std::string_view text) {
    std::string out = replaced(text.substr(0, text.find(". ")), '\'', "\\'");
    return out.ends_with('.') ? out.substr(0, out.size() - 1) : out;
}

std::string fish_script() {
    std::string out = "# fish completion for unik; made by 'unik completion fish'.\n"
                      "function __unik_names\n"
                      "    unik $argv[1] 2>/dev/null | awk '{print $1}'\nend\n"
                      "complete -c unik -f\n";
    for (const CommandSpecification& command : commands()) {
        if (command.hidden)
            continue;
        const std::string seen = fmt::format("-n '__fish_seen_subcommand_from {}'", command.name);
        out += fmt::format("complete -c unik -n __fish_use_subcommand -a {} -d '{}'\n",
                           command.name, fish_text(command.summary));
        for_each_option(command, [&](const Option& option) {
            const std::string letter =
                option.letter != '\0' ? fmt::format(" -s {}", option.letter) : std::string();
            out += fmt::format("complete -c unik {}{} -l {} -d '{}'{}\n", seen, letter, option.name,
                               fish_text(option.description),
                               fish_values(option.kind, option.choices));
        });
        for (const Positional& positional : command.positionals)
            if (positional.kind != ValueKind::text)
                out += fmt::format("complete -c unik {}{}\n", seen,
                                   fish_values(positional.kind, positional.choices));
    }
    return out;
}

} // namespace

std::string completion_script(std::string_view shell) {
    if (shell == "bash")
        return bash_script();
    if (shell == "zsh")
        return zsh_script();
    return shell == "fish" ? fish_script() : std::string();
}

namespace {

int completion_command(const Invocation& invocation) {
    print(completion_script(invocation.value("SHELL")));
    return 0;
}

constexpr std::array k_completion_positionals{Positional{.name = "SHELL",
                                                         .kind = ValueKind::choice,
                                                         .description = "The shell.",
                                                         .choices = "bash|zsh|fish",
                                                         .required = true}};
constexpr std::array k_completion_examples{
    Example{"source <(unik completion bash)", "completion in this shell"}};

} // namespace

constinit const CommandSpecification k_completion_command{
    .name = "completion",
    .summary = "print a completion script for a shell",
    .description = "Prints the script; the distribution's package installs the same.",
    .options = {},
    .positionals = k_completion_positionals,
    .examples = k_completion_examples,
    .action = completion_command};

} // namespace unik::cli
