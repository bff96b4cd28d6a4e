// The run-time configuration that unik hands to the guest (vocabulary/boot_configuration.hpp). It
// may hold secrets (environment variables), so it travels in a private file, never in an argument.
#pragma once

#include <string>

#include <machine/machine.hpp>

namespace unik::machine {

// NUL-closed records. Error invalid-argument for a text that holds a NUL itself.
Result<std::string> configuration_records(const RunOptions& options);

} // namespace unik::machine
