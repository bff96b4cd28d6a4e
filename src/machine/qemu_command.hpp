// QEMU's command line, as a pure function of what was decided.
//
// The machine and its devices come from manifests/hardware; what every run needs (consoles, memory,
// CPUs, the disk's and the network's other ends) is added here.
#pragma once

#include <filesystem>
#include <map>
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
    std::filesystem::path kernel;
    std::filesystem::path disk;               // empty: none
    std::string disk_format;                  // as QEMU calls it
    std::map<std::string, std::string> files; // of the firmware, by the names of its manifest
};

std::vector<std::string> qemu_command(const RunOptions& options, const Launch& launch);

} // namespace unik::machine
