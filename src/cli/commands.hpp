// What each command does; one file per command. Each returns the exit code.
#pragma once

#include <cli/invocation.hpp>

namespace unik::cli {

int build_command(const Invocation& invocation);
int run_command(const Invocation& invocation);
int inspect_command(const Invocation& invocation);
int components_command(const Invocation& invocation);
int languages_command(const Invocation& invocation);
int targets_command(const Invocation& invocation);
int init_command(const Invocation& invocation);
int doctor_command(const Invocation& invocation);
int completion_command(const Invocation& invocation);
int manual_command(const Invocation& invocation);
int schema_command(const Invocation& invocation);
int version_command(const Invocation& invocation);
int help_command(const Invocation& invocation);

} // namespace unik::cli
