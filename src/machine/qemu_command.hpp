// QEMU's command line, as a pure function of what was decided.
//
// What depends on the kind of machine comes from the target's manifest, `machines`, where
// ${KERNEL}, ${DISK} and ${FORMAT} stand for the bundle's files and the disk's format; what every
// run needs (consoles, memory, CPUs, network back end) is added here.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <machine/machine.hpp>

namespace unik::machine {

// Unix sockets in the run folder on which we listen and to which QEMU connects, one for each serial
// port of the guest, in the order of the ports.
enum class Port { output, control, error };
inline constexpr std::size_t k_port_count = 3;
std::filesystem::path socket_path(const std::filesystem::path& folder, Port port);
std::filesystem::path configuration_path(const std::filesystem::path& folder);

struct Launch {
    std::string program; // QEMU
    Accelerator accelerator = Accelerator::tcg;
    std::vector<PortForward> ports; // host ports picked
    std::filesystem::path folder;   // the run folder
    std::filesystem::path disk;     // set for BootWay::disk
};

// The name in Target::machines.
std::string_view boot_way_name(BootWay way);

// Error unsupported-boot when the target does not boot that way.
Result<std::vector<std::string>>
qemu_command(const RunOptions& options, const manifests::Target& target, const Launch& launch);

} // namespace unik::machine
