// Which of QEMU's accelerators this host has.
#pragma once

#include <string_view>

#include <machine/machine.hpp>

namespace unik::machine {

// True when /proc/cpuinfo's text shows the CPU's extensions for virtual machines.
bool shows_virtualisation(std::string_view cpu_information);

// tcg or kvm, never automatic. Error no-kvm when KVM is demanded and missing.
Result<Accelerator> choose_accelerator(Accelerator wanted);

} // namespace unik::machine
