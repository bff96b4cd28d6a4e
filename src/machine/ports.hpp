// Ports of this host for the guest's.
#pragma once

#include <vector>

#include <machine/machine.hpp>

namespace unik::machine {

// Fills in a free port where the host's is 0. Somebody else may take it before QEMU does: the
// caller tries again then. Error no-free-port.
Result<std::vector<PortForward>> pick_ports(std::vector<PortForward> ports);

} // namespace unik::machine
