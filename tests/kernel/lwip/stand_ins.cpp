// What lwIP's port asks of the rest of the kernel.
#include <clock/clock.hpp>
#include <random/random.hpp>

#include <lwip/opt.h>

#include <arch/hooks.h>
#include <lwip/dns.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/timeouts.h>

namespace os {
Nanoseconds clock::monotonic() {
    return {};
}
void random::fill(MutableBytes out) {
    for (std::uint8_t& byte : out)
        byte = 7;
}
} // namespace os

const ip6_addr_t* unik_lwip_ip6_gateway() {
    return nullptr;
}
void sys_timeouts_init() {}
void tcp_timer_needed() {}
void dns_init() {}
void dns_setserver(u8_t, const ip_addr_t*) {}
