// Hypervisors other than QEMU that unik drives where they are installed. They have one serial port,
// which is the process's own standard input and output, and their network is a tap device of the
// host that somebody has set up.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <machine/machine.hpp>
#include <machine/qemu_command.hpp>

namespace unik::machine {

struct ForeignCommand {
    std::vector<std::string> arguments;
    std::filesystem::path configuration; // a private file that it reads; empty: none
    std::string configuration_text;
};

// Whether the target's own hypervisor is driven, and not QEMU with its hardware.
bool is_foreign(const RunOptions& options, const manifests::Target& target);

// Errors: unsupported-option for what this hypervisor cannot be told.
Result<ForeignCommand> foreign_command(const RunOptions& options, const manifests::Target& target,
                                       const Launch& launch);

} // namespace unik::machine
