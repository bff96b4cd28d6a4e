// The IO-APICs (Intel 82093AA data sheet): inputs of devices, each with a redirection entry.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <interrupts/interrupts.hpp>

namespace os::interrupts {

// Maps all that the firmware tells of, or the usual one when it tells nothing; masks their inputs.
void enable_io_apics();
Result<void> redirect(std::uint32_t gsi, std::uint8_t vector, Trigger trigger, Polarity polarity,
                      std::uint32_t destination);
// What redirect() gave this input; 0: nothing.
std::uint8_t vector_of(std::uint32_t gsi);

} // namespace os::interrupts
