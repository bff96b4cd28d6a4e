// What rtnetlink(7) is asked.
#pragma once

#include "message.hpp"

namespace os::netlink {

// Answers one request: interfaces, addresses and routes can be read; changing them is not
// permitted.
void answer(const Request& request, Answer& out);

} // namespace os::netlink
