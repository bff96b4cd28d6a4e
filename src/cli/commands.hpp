// The commands, one file each: its options, arguments and texts, and what it does.
#pragma once

#include <array>

#include <cli/invocation.hpp>

namespace unik::cli {

extern const CommandSpecification k_build_command;
extern const CommandSpecification k_run_command;
extern const CommandSpecification k_keygen_command;
extern const CommandSpecification k_sign_command;
extern const CommandSpecification k_verify_command;
extern const CommandSpecification k_secure_boot_command;
extern const CommandSpecification k_inspect_command;
extern const CommandSpecification k_convert_command;
extern const CommandSpecification k_init_command;
extern const CommandSpecification k_components_command;
extern const CommandSpecification k_languages_command;
extern const CommandSpecification k_targets_command;
extern const CommandSpecification k_doctor_command;
extern const CommandSpecification k_completion_command;
extern const CommandSpecification k_schema_command;
extern const CommandSpecification k_version_command;
extern const CommandSpecification k_help_command;
extern const CommandSpecification k_manual_command;

// For commands that print something: programs want it as JSON.
inline constexpr Option k_json{.name = "json",
                               .description = "Print one JSON document on stdout, for programs."};
inline constexpr std::array k_json_only{k_json};

} // namespace unik::cli
