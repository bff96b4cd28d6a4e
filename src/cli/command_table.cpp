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

constexpr std::array k_exit_codes{
    ExitCodeDescription{0, "success"},
    ExitCodeDescription{1, "the build or the program failed"},
    ExitCodeDescription{2, "the command line is wrong"},
    ExitCodeDescription{3, "a tool on the host is missing"},
    ExitCodeDescription{4, "verification refused"},
};

} // namespace

std::span<const CommandSpecification> commands() {
    static const std::array list{
        k_build_command,  k_run_command,        k_inspect_command,     k_keygen_command,
        k_sign_command,   k_verify_command,     k_secure_boot_command, k_convert_command,
        k_init_command,   k_components_command, k_languages_command,   k_targets_command,
        k_doctor_command, k_completion_command, k_schema_command,      k_version_command,
        k_help_command,   k_manual_command,
    };
    return list;
}

std::span<const Option> global_options() {
    return k_global_options;
}

std::span<const ExitCodeDescription> exit_codes() {
    return k_exit_codes;
}

const CommandSpecification* find_command(std::string_view name) {
    for (const CommandSpecification& command : commands())
        if (command.name == name)
            return &command;
    return nullptr;
}

} // namespace unik::cli
