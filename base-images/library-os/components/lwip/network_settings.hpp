// The settings `ip4` and `ip6` (vocabulary/boot_configuration.hpp).
#pragma once

#include <foundation/result.hpp>
#include <foundation/span.hpp>

#include <lwip/opt.h>

#include <lwip/ip_addr.h>

namespace os::lwip {

struct Ip4Settings {
    bool dhcp = true;
    ip4_addr_t address{};
    unsigned prefix = 0;
    ip4_addr_t gateway{};
    ip4_addr_t name_server{};
};
// An empty text means DHCP. einval for anything else that is malformed.
Result<Ip4Settings> parse_ip4_settings(StringView text);

struct Ip6Settings {
    enum class Mode { automatic, off, fixed } mode = Mode::automatic;
    ip6_addr_t address{};
    unsigned prefix = 64;
    bool has_gateway = false;
    ip6_addr_t gateway{};
};
Result<Ip6Settings> parse_ip6_settings(StringView text);

} // namespace os::lwip
