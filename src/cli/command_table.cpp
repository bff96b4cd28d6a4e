#include <cli/command_table.hpp>

#include <array>

#include <cli/commands.hpp>

namespace unik::cli {
namespace {

constexpr std::array k_global_options{
    Option{.name = "manifests",
           .kind = ValueKind::directory,
           .value_name = "DIR",
           .description =
               "Overlay the built-in languages and targets with the files of this folder "
               "(also: $UNIK_MANIFESTS)."},
    Option{.name = "no-color", .description = "No colours, even on a terminal (also: $NO_COLOR)."},
    Option{.name = "help", .letter = 'h', .description = "Show this command's help."},
};

constexpr Option k_json{.name = "json",
                        .description = "Print one JSON document on stdout, for programs."};

constexpr std::array k_build_options{
    Option{.name = "file",
           .letter = 'f',
           .kind = ValueKind::file,
           .value_name = "FILE",
           .description = "The Unikfile, where it is not DIR/Unikfile."},
    Option{.name = "output",
           .letter = 'o',
           .kind = ValueKind::directory,
           .value_name = "BUNDLE",
           .description = "The bundle folder to write. Default: DIR/NAME.unik."},
    Option{.name = "target",
           .letter = 't',
           .kind = ValueKind::target,
           .value_name = "TARGET",
           .description = "A hypervisor to write a disk for, instead of the Unikfile's targets.",
           .repeat = Repeat::many},
    Option{.name = "progress",
           .kind = ValueKind::choice,
           .value_name = "HOW",
           .description =
               "How stages are shown: a live list on a terminal and plain lines elsewhere "
               "(auto), plain lines, or one JSON object a line on stdout.",
           .choices = "auto|plain|json",
           .fallback = "auto"},
    Option{.name = "no-cache",
           .description = "Build in a fresh folder, with nothing left of earlier builds."},
    Option{.name = "explain",
           .description = "Print why each component is in the image, and what the analysis found."},
    Option{
        .name = "quiet", .letter = 'q', .description = "Print the bundle's path and nothing else."},
    Option{.name = "verbose",
           .letter = 'v',
           .description = "Show the tools that run, with their output (also: $UNIK_LOG)."},
};
constexpr std::array k_build_positionals{
    Positional{.name = "DIR",
               .kind = ValueKind::directory,
               .description = "The project's folder. Default: the current one."},
};
constexpr std::array k_build_examples{
    Example{"unik build", "build the project in this folder"},
    Example{"unik build -o /tmp/web.unik web", "build ./web into /tmp/web.unik"},
    Example{"unik build --explain", "say why each component is in the image"},
};

constexpr std::array k_run_options{
    Option{.name = "publish",
           .letter = 'p',
           .kind = ValueKind::text,
           .value_name = "HOST:GUEST[/udp]",
           .description = "Forward a port of this host to the guest. Host port 0 picks a free one. "
                          "Without this option the ports under `expose` are forwarded from free "
                          "host ports.",
           .repeat = Repeat::many},
    Option{.name = "env",
           .letter = 'e',
           .kind = ValueKind::text,
           .value_name = "NAME=VALUE",
           .description = "Set a variable in the guest; NAME alone takes the host's value.",
           .repeat = Repeat::many},
    Option{.name = "env-file",
           .kind = ValueKind::file,
           .value_name = "FILE",
           .description = "Set the variables of a file, one NAME=VALUE a line.",
           .repeat = Repeat::many},
    Option{.name = "memory",
           .letter = 'm',
           .kind = ValueKind::text,
           .value_name = "SIZE",
           .description = "Memory of the machine, such as 64M, instead of the image's own."},
    Option{.name = "cpus",
           .kind = ValueKind::text,
           .value_name = "N",
           .description = "CPUs of the machine. The library OS runs the program on one of them."},
    Option{.name = "accel",
           .kind = ValueKind::choice,
           .value_name = "HOW",
           .description = "Hardware virtualisation: kvm, software emulation: tcg, or auto: kvm "
                          "where /dev/kvm opens and the CPU has vmx or svm.",
           .choices = "auto|kvm|tcg",
           .fallback = "auto"},
    Option{.name = "timeout",
           .kind = ValueKind::text,
           .value_name = "SECONDS",
           .description = "Stop the guest after this time and exit with 124."},
    Option{.name = "boot",
           .kind = ValueKind::choice,
           .value_name = "WAY",
           .description = "Boot the kernel directly, or the disk through its boot record.",
           .choices = "kernel|disk",
           .fallback = "kernel"},
    Option{.name = "target",
           .letter = 't',
           .kind = ValueKind::target,
           .value_name = "TARGET",
           .description = "The target whose disk to boot.",
           .fallback = "qemu"},
    Option{.name = "qemu-arg",
           .kind = ValueKind::text,
           .value_name = "ARG",
           .description = "A further argument for QEMU, as it is.",
           .repeat = Repeat::many},
    Option{.name = "print-command",
           .description = "Print the QEMU command line instead of running it."},
    Option{.name = "verbose",
           .letter = 'v',
           .description =
               "Show the tools that run and the control channel's events (also: $UNIK_LOG)."},
    Option{.name = "quiet", .letter = 'q', .description = "None of unik's own lines but errors."},
};
constexpr std::array k_run_positionals{
    Positional{.name = "BUNDLE",
               .kind = ValueKind::bundle,
               .description = "A bundle, or a project's folder, which is built first. Default: the "
                              "current folder."},
    Positional{.name = "ARGS",
               .kind = ValueKind::text,
               .description = "After --: arguments for the program, instead of the image's own.",
               .repeat = Repeat::many},
};
constexpr std::array k_run_examples{
    Example{"unik run -p 8080:80", "build and run this folder, its port 80 at localhost:8080"},
    Example{"unik run web.unik -- --verbose", "run a bundle with another argument"},
    Example{"unik run --boot disk web.unik", "boot the disk image as a hypervisor would"},
};

constexpr std::array k_inspect_options{k_json};
constexpr std::array k_inspect_positionals{
    Positional{.name = "BUNDLE",
               .kind = ValueKind::bundle,
               .description = "A bundle folder.",
               .required = true},
};
constexpr std::array k_inspect_examples{
    Example{"unik inspect web.unik", "what is in the image, and why"},
    Example{"unik inspect --json web.unik | jq .components", "the same for programs"},
};

constexpr std::array k_component_positionals{
    Positional{.name = "NAME", .kind = ValueKind::component, .description = "Show this one only."}};
constexpr std::array k_language_positionals{
    Positional{.name = "NAME", .kind = ValueKind::language, .description = "Show this one only."}};
constexpr std::array k_target_positionals{
    Positional{.name = "NAME", .kind = ValueKind::target, .description = "Show this one only."}};
constexpr std::array k_json_only{k_json};

constexpr std::array k_init_options{
    Option{.name = "name",
           .kind = ValueKind::text,
           .value_name = "NAME",
           .description = "The image's name. Default: the folder's."},
    Option{.name = "language",
           .kind = ValueKind::language,
           .value_name = "LANGUAGE",
           .description = "The language, where detection is not wanted."},
};
constexpr std::array k_init_positionals{
    Positional{.name = "DIR",
               .kind = ValueKind::directory,
               .description = "The project's folder. Default: the current one."}};

constexpr std::array k_completion_positionals{Positional{.name = "SHELL",
                                                         .kind = ValueKind::choice,
                                                         .description = "The shell.",
                                                         .choices = "bash|zsh|fish",
                                                         .required = true}};
constexpr std::array k_completion_examples{
    Example{"source <(unik completion bash)", "completion in this shell"}};

constexpr std::array k_manual_positionals{
    Positional{.name = "PAGE",
               .kind = ValueKind::text,
               .description = "unik, unik-COMMAND or Unikfile.",
               .required = true}};

constexpr std::array k_help_positionals{
    Positional{.name = "COMMAND", .kind = ValueKind::command, .description = "A command."}};

constexpr std::string_view k_bundle_section = R"(# BUNDLE
A bundle is a folder with image.json (the record of the build), kernel.elf (the kernel with the
application, without symbols), kernel.debug (the same with symbols, for crash reports and gdb) and
disk-TARGET.EXT for each target.

The bundle is written beside its place and swapped in as a whole: an interrupted build leaves the
old one. Same inputs give the same bytes; SOURCE_DATE_EPOCH is honoured.

# PROGRESS FOR PROGRAMS
With --progress json each line on stdout is an object with a text "event": "begin" and "end" or
"fail" of a "stage", "output" of a tool, "warning" and "error" with "id", "message" and "hint", and
at last "built" or "up-to-date" with the path of the "bundle". Errors also go to stderr as text.

# BUILDING AGAIN
A build that would make what is there already says "up to date" and leaves the bundle alone. It
compares the Unikfile, the project's files, the headers and libraries that the tools read, the tools,
the environment, unik itself and the bundle with the record that the last build left in
$XDG_CACHE_HOME/unik. A project with a Makefile, a CMakeLists.txt or a build command of its own runs
these each time, since only they know what they read; when the program comes out the same, the rest
is left out. --no-cache does neither, and starts from an empty work folder.)";

constexpr std::string_view k_run_section = R"(# OUTPUT
The program's standard output goes to stdout and its standard error to stderr; unik's own lines go
to stderr. When the program listens on a forwarded port, unik says so with the time since the start:
"ready in 43 ms: http://localhost:8080".

# STOPPING
Ctrl-C or SIGTERM sends the program SIGTERM and gives it five seconds; a second Ctrl-C ends the
machine at once. No QEMU process and no temporary file is left behind.

# EXIT STATUS
The program's own code. A program ended by signal N gives 128+N, out of memory 137, a time-out 124,
a kernel panic or a hypervisor that fails 1.)";

constexpr std::array k_commands{
    CommandSpecification{
        .name = "build",
        .summary = "build a bundle from a project with a Unikfile",
        .description = "Compiles the program with its language's own tools, works out what it asks "
                       "of an operating system, links it with those components of the library OS, "
                       "and writes a bootable disk for each target.",
        .options = k_build_options,
        .positionals = k_build_positionals,
        .examples = k_build_examples,
        .sections = k_bundle_section,
        .action = build_command},
    CommandSpecification{
        .name = "run",
        .summary = "boot a bundle under QEMU",
        .description = "Boots the image on this machine, forwards its ports, shows its output and "
                       "exits with its exit code. A folder with a Unikfile is built first.",
        .options = k_run_options,
        .positionals = k_run_positionals,
        .examples = k_run_examples,
        .sections = k_run_section,
        .action = run_command},
    CommandSpecification{
        .name = "inspect",
        .summary = "show what is in a bundle, and why",
        .description = "Prints the components with their sizes and the reason for each, the system "
                       "calls that are present and absent, the memory layout, the files and the "
                       "digests.",
        .options = k_inspect_options,
        .positionals = k_inspect_positionals,
        .examples = k_inspect_examples,
        .action = inspect_command},
    CommandSpecification{
        .name = "init",
        .summary = "write a Unikfile for the project in a folder",
        .description = "Detects the language and writes a commented Unikfile. An existing one is "
                       "never overwritten.",
        .options = k_init_options,
        .positionals = k_init_positionals,
        .action = init_command},
    CommandSpecification{.name = "components",
                         .summary = "list the components of the library OS",
                         .description =
                             "What each component is for, its layer, and what it requires.",
                         .options = k_json_only,
                         .positionals = k_component_positionals,
                         .action = components_command},
    CommandSpecification{.name = "languages",
                         .summary = "list the languages that unik builds",
                         .description =
                             "How each language is detected and built, and the tools it needs.",
                         .options = k_json_only,
                         .positionals = k_language_positionals,
                         .action = languages_command},
    CommandSpecification{.name = "targets",
                         .summary = "list the hypervisors that unik writes images for",
                         .description = "What each target boots, its disk format and devices.",
                         .options = k_json_only,
                         .positionals = k_target_positionals,
                         .action = targets_command},
    CommandSpecification{
        .name = "doctor",
        .summary = "check what this host has for building and running",
        .description = "Lists the tools that builds and runs need, and the command that installs "
                       "what is missing. Exits with 3 when something is missing.",
        .options = k_json_only,
        .positionals = {},
        .action = doctor_command},
    CommandSpecification{.name = "completion",
                         .summary = "print a completion script for a shell",
                         .description =
                             "Prints the script; the distribution's package installs the same.",
                         .options = {},
                         .positionals = k_completion_positionals,
                         .examples = k_completion_examples,
                         .action = completion_command},
    CommandSpecification{
        .name = "schema",
        .summary = "print the JSON schema of the Unikfile",
        .description = "For editors: a JSON schema (draft 2020-12) made from the same table as the "
                       "parser.",
        .options = {},
        .positionals = {},
        .action = schema_command},
    CommandSpecification{.name = "version",
                         .summary = "print the version",
                         .description =
                             "Prints the version, and with --json what this executable carries.",
                         .options = k_json_only,
                         .positionals = {},
                         .action = version_command},
    CommandSpecification{.name = "help",
                         .summary = "show help for unik or a command",
                         .description = "Shows the list of commands, or one command's help.",
                         .options = {},
                         .positionals = k_help_positionals,
                         .action = help_command},
    CommandSpecification{.name = "manual",
                         .summary = "print a manual page's source",
                         .description = "Prints roff, from the table of commands.",
                         .options = {},
                         .positionals = k_manual_positionals,
                         .action = manual_command,
                         .hidden = true},
};

constexpr std::array k_exit_codes{
    ExitCodeDescription{0, "success"},
    ExitCodeDescription{1, "the build or the program failed"},
    ExitCodeDescription{2, "the command line is wrong"},
    ExitCodeDescription{3, "a tool on the host is missing"},
    ExitCodeDescription{4, "verification refused"},
};

} // namespace

std::span<const CommandSpecification> commands() {
    return k_commands;
}

std::span<const Option> global_options() {
    return k_global_options;
}

std::span<const ExitCodeDescription> exit_codes() {
    return k_exit_codes;
}

const CommandSpecification* find_command(std::string_view name) {
    for (const CommandSpecification& command : k_commands)
        if (command.name == name)
            return &command;
    return nullptr;
}

} // namespace unik::cli
