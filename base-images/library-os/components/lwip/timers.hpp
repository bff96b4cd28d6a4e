// lwIP's periodic work, on one kernel timer.
#pragma once

namespace os::lwip {

// Looks again at what is needed: after DHCP or the like was started.
void rearm_timers();

} // namespace os::lwip
