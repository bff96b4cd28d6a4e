// Who wants to know that a packet could not be delivered.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>

#include <lwip/opt.h>

#include <lwip/ip_addr.h>

namespace os::lwip {

struct Unreachable {
    enum class Weight { soft, hard }; // soft: it may get better
    Errno error{};
    Weight weight = Weight::soft;
    std::uint8_t protocol = 0; // of the packet that was sent
    ip_addr_t local{};
    ip_addr_t remote{};
    std::uint16_t local_port = 0;
    std::uint16_t remote_port = 0;
};
using UnreachableHandler = void (*)(const Unreachable&);
void set_unreachable_handler(UnreachableHandler handler);

} // namespace os::lwip
