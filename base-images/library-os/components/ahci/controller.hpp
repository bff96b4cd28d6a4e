// The controller: what its ports share.
#pragma once

#include <pci/function.hpp>

#include "port.hpp"

namespace os::ahci {

// Takes the controller from the firmware (10.6.3).
void take_over(Registers& registers);

class Controller {
public:
    Controller(pci::Function& function, VirtAddr registers)
        : function_(function), registers_(registers) {}

    // Uses every port with a disk, and leaves the others halted.
    Result<void> start();

private:
    Result<void> try_port(unsigned index);
    static void interrupt(void* controller);
    static void cut_off(void* controller);

    pci::Function& function_;
    MappedRegisters registers_;
    ata::Addresses addresses_ = ata::Addresses::bits_32;
    Port* ports_[k_most_ports] = {};
};

} // namespace os::ahci
