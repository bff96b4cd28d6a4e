// The SIOCGIF… ioctls of network sockets.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>

namespace os::sockets {

// enotty for what is no such request.
Result<std::int64_t> interface_request(std::uint64_t request, std::uint64_t argument);

} // namespace os::sockets
