#include <threads/alert.hpp>

#include "controller.hpp"

namespace os::ahci {

void take_over(Registers& registers) {
    if ((registers.read32(k_capabilities_2) & k_capability_handoff) == 0)
        return;
    registers.write32(k_handoff, registers.read32(k_handoff) | k_handoff_system_owns);
    threads::Alert nobody;
    const auto released = [&] {
        return (registers.read32(k_handoff) & k_handoff_firmware_owns) == 0;
    };
    constexpr Nanoseconds k_look{1'000'000};
    if (threads::wait_until(nobody, {{25'000'000}, k_look}, released))
        return;
    // It may ask for more time; what does not end then is taken all the same.
    if ((registers.read32(k_handoff) & k_handoff_busy) != 0)
        (void)threads::wait_until(nobody, {{2'000'000'000}, k_look}, released);
}

} // namespace os::ahci
