// Connections when the program has ended.
#pragma once

namespace os::sockets {

// Ends all of them as close() does, and waits a while until the peers have what was written to them
// and know that no more comes: the machine goes off afterwards, and nobody would send it again. In
// a thread, interrupts on.
void end_connections();

} // namespace os::sockets
