// What hangs behind CSR9, clocked bit by bit: the EEPROM with the card's address (93C46 and larger;
// Digital Semiconductor 21X4 Serial ROM Format, version 4) and the PHY (IEEE 802.3, 22.2.4).
#pragma once

#include <net-core/network_device.hpp>

#include "registers.hpp"

namespace os::tulip {

// enodev when the EEPROM does not answer or holds no address.
Result<net::MacAddress> read_address(Registers& registers);

// The PHY's own address (0 to 31), or enodev without one.
Result<unsigned> find_phy(Registers& registers);
bool phy_link_up(Registers& registers, unsigned phy);

} // namespace os::tulip
