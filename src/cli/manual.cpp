#include <cli/manual.hpp>

#include <array>
#include <cctype>
#include <sstream>

#include <fmt/format.h>

#include <cli/commands.hpp>
#include <cli/diagnostic_ids.hpp>
#include <cli/help.hpp>
#include <cli/terminal.hpp>
#include <sign/policy.hpp>
#include <unikfile/unikfile.hpp>

namespace unik::cli {
namespace {

// Text as roff data: backslashes and dashes are literal, no line begins as a request.
std::string roff(std::string_view text) {
    std::string out;
    bool line_start = true;
    for (const char c : text) {
        if (line_start && (c == '.' || c == '\''))
            out += "\\&";
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else
            out += c;
        line_start = c == '\n';
    }
    return out;
}

std::string heading(std::string_view page, int section) {
    std::string upper;
    for (const char c : page)
        upper += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return fmt::format(".\\\" Made by 'unik manual {0}' from the tables of the program.\n"
                       ".TH \"{1}\" {2} \"\" \"unik {3}\" \"unik manual\"\n",
                       page, section == 5 ? std::string(page) : upper, section, UNIK_VERSION);
}

std::string body(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t end = text.find("\n\n");
        const std::string_view paragraph = text.substr(0, end);
        if (paragraph.starts_with("# ")) {
            const std::size_t title_end = paragraph.find('\n');
            out += fmt::format(".SH {}\n", paragraph.substr(2, title_end - 2));
            if (title_end != std::string_view::npos)
                out += roff(paragraph.substr(title_end + 1)) + "\n";
        } else {
            out += (out.empty() ? "" : ".PP\n") + roff(paragraph) + "\n";
        }
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 2);
    }
    return out;
}

std::string option_entry(const Option& option) {
    std::string out = ".TP\n";
    if (option.letter != '\0')
        out += fmt::format("\\fB\\-{}\\fR, ", option.letter);
    out += fmt::format("\\fB\\-\\-{}\\fR", roff(option.name));
    if (option.kind != ValueKind::none)
        out += fmt::format(" \\fI{}\\fR", roff(option.value_name));
    out += "\n" + roff(option.description);
    if (!option.choices.empty())
        out += fmt::format(" One of: {}.", roff(option.choices));
    if (!option.fallback.empty())
        out += fmt::format(" Default: {}.", roff(option.fallback));
    if (option.repeat == Repeat::many)
        out += " May be repeated.";
    return out + "\n";
}

std::string exit_status_section() {
    std::string out = ".SH EXIT STATUS\n";
    for (const ExitCodeDescription& exit : exit_codes())
        out += fmt::format(".TP\n{}\n{}\n", exit.code, roff(exit.meaning));
    return out;
}

std::string id_list(std::span<const DiagnosticId> ids) {
    std::string out;
    for (const DiagnosticId& entry : ids)
        out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(entry.id), roff(entry.meaning));
    return out;
}

std::string diagnostics_section() {
    return ".SH DIAGNOSTICS\n" +
           body("A message says what was expected, what was found, where, and what to do. The word "
                "in brackets at its end is stable, for scripts and for looking it up here.") +
           id_list(diagnostic_ids()) + ".SS Warnings of a running image\n" +
           id_list(guest_warning_ids());
}

std::string environment_section() {
    struct Variable {
        std::string_view name;
        std::string_view meaning;
    };
    constexpr std::array k_variables{
        Variable{"UNIK_MANIFESTS", "as --manifests"},
        Variable{"UNIK_LOG", "how much unik tells on stderr about what it does: trace, debug "
                             "(decisions), info (tools that run, the guest's events; as "
                             "--verbose), warning (the default), error or off"},
        Variable{"UNIK_POLICY", "as --policy of the commands that take it; see unik-policy(5)"},
        Variable{"NO_COLOR", "as --no-color, when set and not empty"},
        Variable{"SOURCE_DATE_EPOCH", "the time stamp of files in an image, 0 by default, and of "
                                      "signatures, which have none by default"},
        Variable{"XDG_CACHE_HOME", "where work folders of builds are kept; ~/.cache by default"},
        Variable{"XDG_RUNTIME_DIR, TMPDIR",
                 "where the sockets of a running machine and temporary files stand"},
    };
    std::string out = ".SH ENVIRONMENT\n";
    for (const Variable& variable : k_variables)
        out += fmt::format(".TP\n{}\n{}\n", roff(variable.name), roff(variable.meaning));
    return out;
}

std::string command_page(const CommandSpecification& command) {
    const std::string page = fmt::format("unik-{}", command.name);
    std::string out = heading(page, 1);
    out += fmt::format(".SH NAME\n{} \\- {}\n", roff(page), roff(command.summary));
    out += fmt::format(".SH SYNOPSIS\n.B {}\n", roff(usage_line(command)));
    out += ".SH DESCRIPTION\n" + body(command.description);
    if (!command.positionals.empty())
        out += ".SH ARGUMENTS\n";
    for (const Positional& positional : command.positionals)
        out += fmt::format(".TP\n\\fI{}\\fR\n{}\n", roff(positional.name),
                           roff(positional.description));
    out += ".SH OPTIONS\n";
    for (const Option& option : command.options)
        out += option_entry(option);
    for (const Option& option : global_options())
        out += option_entry(option);
    out += body(command.sections);
    if (command.sections.find("# EXIT STATUS") == std::string_view::npos)
        out += exit_status_section();
    if (!command.examples.empty())
        out += ".SH EXAMPLES\n";
    for (const Example& example : command.examples)
        out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(example.command), roff(example.text));
    return out + ".SH SEE ALSO\n\\fBunik\\fR(1), \\fBUnikfile\\fR(5)\n";
}

std::string overview_page() {
    std::string out = heading("unik", 1);
    out += ".SH NAME\nunik \\- turn an application into a bootable unikernel image\n"
           ".SH SYNOPSIS\n.B unik\n\\fICOMMAND\\fR [options]\n.SH DESCRIPTION\n";
    out += body("unik reads a Unikfile, compiles the application with its language's own tools, "
                "works out what it asks of an operating system, links it with just those "
                "components of its own library operating system, writes a bootable disk, and boots "
                "it under QEMU. It is one program without a daemon; it keeps no state but files.");
    out += ".SH COMMANDS\n";
    for (const CommandSpecification& command : commands())
        if (!command.hidden)
            out +=
                fmt::format(".TP\n\\fBunik\\-{}\\fR(1)\n{}\n", command.name, roff(command.summary));
    out += ".SH OPTIONS\n";
    for (const Option& option : global_options())
        out += option_entry(option);
    out += environment_section();
    return out + exit_status_section() + diagnostics_section() +
           ".SH SEE ALSO\n\\fBUnikfile\\fR(5), \\fBunik\\-policy\\fR(5)\n";
}

std::string unikfile_page() {
    std::string out = heading("Unikfile", 5);
    out += ".SH NAME\nUnikfile \\- how an application becomes a unikernel image\n"
           ".SH DESCRIPTION\n";
    out +=
        body("A Unikfile is a YAML mapping in the project's folder. It is strict: an unknown or "
             "repeated key, a wrong type, a bad size, port or path is an error with its place.\n\n"
             "A file .unikignore beside it names what `files` never collects, with the patterns "
             "of .dockerignore.");
    out += ".SH KEYS\n";
    for (const unikfile::KeyDescription& key : unikfile::keys()) {
        out += fmt::format(".TP\n\\fB{}\\fR (\\fI{}\\fR)\n{}\n", roff(key.path), roff(key.type),
                           roff(key.description));
        if (!key.fallback.empty())
            out += fmt::format(" Default: {}.\n", roff(key.fallback));
        if (!key.example.empty())
            out += fmt::format(".IP\n.EX\n{}\n.EE\n", roff(key.example));
    }
    return out + ".SH SEE ALSO\n\\fBunik\\-build\\fR(1), \\fBunik\\-init\\fR(1), "
                 "\\fBunik\\-schema\\fR(1)\n";
}

std::string policy_page() {
    std::string out = heading("unik-policy", 5);
    out += ".SH NAME\nunik\\-policy \\- whose images may be used on this machine\n"
           ".SH DESCRIPTION\n";
    out += body(
        "With a policy, unik run and unik convert use only what somebody trusted has signed; what "
        "is refused ends with exit code 4 before it is used. Without one, nothing is checked. The "
        "first of these counts: --policy FILE, $UNIK_POLICY, ~/.config/unik/policy.yaml (below "
        "$XDG_CONFIG_HOME where that is set), /etc/unik/policy.yaml. A policy that is damaged, or "
        "named and not there, refuses everything.\n\n"
        "A policy is a YAML mapping, as strict as a Unikfile. Rules go by the name of the bundle's "
        "folder, symbolic links followed, or of the file: by what you chose to use, not by what an "
        "image claims to be. A disk inside a signed bundle is covered by the bundle's "
        "signature.\n\n"
        "A bundle is read once: its files are copied, in memory or into a file without a name, "
        "while they are compared with the signed record, and the copies are what is used.");
    out += ".SH KEYS\n";
    for (const auto& [path, key] : sign::policy_keys()) {
        out += fmt::format(".TP\n\\fB{}\\fR (\\fI{}\\fR)\n{}\n", roff(path), roff(key.type),
                           roff(key.description));
        if (!key.fallback.empty())
            out += fmt::format(" Default: {}.\n", roff(key.fallback));
        if (!key.example.empty())
            out += fmt::format(".IP\n.EX\n{}\n.EE\n", roff(key.example));
    }
    out += ".SH EXAMPLES\nTake what the release key signed, and while developing anything called "
           "dev\\-something:\n.IP\n.EX\nkeys:\n  release: release.pub\nrules:\n"
           "  \\- names: [dev\\-*]\n    require: none\n.EE\n";
    return out + ".SH SEE ALSO\n\\fBunik\\-keygen\\fR(1), \\fBunik\\-sign\\fR(1), "
                 "\\fBunik\\-verify\\fR(1)\n";
}

} // namespace

std::string manual_page(std::string_view page) {
    if (page == "unik")
        return overview_page();
    if (page == "Unikfile")
        return unikfile_page();
    if (page == "unik-policy")
        return policy_page();
    if (!page.starts_with("unik-"))
        return {};
    const CommandSpecification* command = find_command(page.substr(5));
    return command != nullptr ? command_page(*command) : std::string();
}

namespace {

int manual_command(const Invocation& invocation) {
    const std::string page = manual_page(invocation.value("PAGE"));
    if (page.empty())
        return report(make_error(
            "usage", fmt::format("there is no manual page '{}'", invocation.value("PAGE")),
            "pages are unik, unik-COMMAND, Unikfile and unik-policy", ExitCode::usage));
    print(page);
    return 0;
}

constexpr std::array k_manual_positionals{
    Positional{.name = "PAGE",
               .kind = ValueKind::text,
               .description = "unik, unik-COMMAND, Unikfile or unik-policy.",
               .required = true}};

} // namespace

constinit const CommandSpecification k_manual_command{
    .name = "manual",
    .summary = "print a manual page's source",
    .description = "Prints roff, from the table of commands.",
    .options = {},
    .positionals = k_manual_positionals,
    .action = manual_command,
    .hidden = true};

} // namespace unik::cli
