// ICMP's word that a packet of ours did not arrive (RFC 792, destination unreachable; RFC
// 4443, 3.1). lwIP answers echo requests only; the hooks on its input look at such messages before
// it drops them. What they quote comes from outside: whoever listens compares it with connections
// that exist.
#include <lwip/opt.h>

#include <arch/hooks.h>
#include <lwip/pbuf.h>
#include <lwip/prot/ip.h>
#include <lwip/prot/ip4.h>
#include <lwip/prot/ip6.h>
#include <lwip/unreachable.hpp>

namespace os::lwip {

namespace {
constinit UnreachableHandler g_handler = nullptr;

constexpr std::uint8_t k_icmp = 1;
constexpr std::uint8_t k_icmp6 = 58;
constexpr std::uint8_t k_unreachable = 3;
constexpr std::uint8_t k_unreachable6 = 1;
constexpr std::size_t k_icmp_header = 8;
constexpr std::size_t k_ports = 4;

struct Meaning {
    Errno error;
    Unreachable::Weight weight;
};
constexpr auto k_soft = Unreachable::Weight::soft;
constexpr auto k_hard = Unreachable::Weight::hard;

// By code; what Linux makes of it.
constexpr Meaning k_meanings[] = {
    {Errno::enetunreach, k_soft},  {Errno::ehostunreach, k_soft}, {Errno::enoprotoopt, k_hard},
    {Errno::econnrefused, k_hard}, {Errno::emsgsize, k_soft},     {Errno::eopnotsupp, k_soft},
    {Errno::enetunreach, k_hard},  {Errno::ehostdown, k_hard},    {Errno::enetunreach, k_hard},
    {Errno::enetunreach, k_hard},  {Errno::ehostunreach, k_hard}, {Errno::enetunreach, k_soft},
    {Errno::ehostunreach, k_soft}, {Errno::ehostunreach, k_hard},
};
constexpr Meaning k_meanings6[] = {
    {Errno::enetunreach, k_soft},  {Errno::eacces, k_hard},       {Errno::ehostunreach, k_hard},
    {Errno::ehostunreach, k_soft}, {Errno::econnrefused, k_hard}, {Errno::eacces, k_hard},
    {Errno::eacces, k_hard},
};

std::uint16_t port_at(const std::uint8_t* bytes) {
    return static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]);
}

template <std::size_t N>
void tell(const Meaning (&meanings)[N], std::uint8_t code, Unreachable& out,
          const std::uint8_t* ports) {
    if (code >= N)
        return;
    out.error = meanings[code].error;
    out.weight = meanings[code].weight;
    out.local_port = port_at(ports);
    out.remote_port = port_at(ports + 2);
    g_handler(out);
}

void examine4(const pbuf& packet) {
    std::uint8_t bytes[60 + k_icmp_header + 60 + k_ports];
    const std::size_t size = pbuf_copy_partial(&packet, bytes, sizeof bytes, 0);
    const std::size_t outer = (bytes[0] & 0xfU) * 4;
    if (outer < IP_HLEN || size < outer + k_icmp_header + IP_HLEN + k_ports ||
        bytes[outer] != k_unreachable)
        return;
    const std::uint8_t* quoted = bytes + outer + k_icmp_header;
    const std::size_t inner = (quoted[0] & 0xfU) * 4;
    if (quoted[0] >> 4 != 4 || inner < IP_HLEN || size < outer + k_icmp_header + inner + k_ports)
        return;
    Unreachable out;
    out.protocol = quoted[9];
    IP_ADDR4(&out.local, quoted[12], quoted[13], quoted[14], quoted[15]);
    IP_ADDR4(&out.remote, quoted[16], quoted[17], quoted[18], quoted[19]);
    tell(k_meanings, bytes[outer + 1], out, quoted + inner);
}

void examine6(const pbuf& packet) {
    std::uint8_t bytes[IP6_HLEN + k_icmp_header + IP6_HLEN + k_ports];
    const std::size_t size = pbuf_copy_partial(&packet, bytes, sizeof bytes, 0);
    if (size < sizeof bytes || bytes[IP6_HLEN] != k_unreachable6)
        return;
    const std::uint8_t* quoted = bytes + IP6_HLEN + k_icmp_header;
    if (quoted[0] >> 4 != 6)
        return;
    Unreachable out;
    out.protocol = quoted[6];
    IP_SET_TYPE_VAL(out.local, IPADDR_TYPE_V6);
    IP_SET_TYPE_VAL(out.remote, IPADDR_TYPE_V6);
    __builtin_memcpy(ip_2_ip6(&out.local)->addr, quoted + 8, 16);
    __builtin_memcpy(ip_2_ip6(&out.remote)->addr, quoted + 24, 16);
    tell(k_meanings6, bytes[IP6_HLEN + 1], out, quoted + IP6_HLEN);
}
} // namespace

void set_unreachable_handler(UnreachableHandler handler) {
    g_handler = handler;
}

} // namespace os::lwip

int unik_lwip_ip4_input(pbuf* packet) {
    const auto* header = static_cast<const ip_hdr*>(packet->payload);
    constexpr u16_t k_offset_and_more = PP_HTONS(IP_OFFMASK | IP_MF);
    if (packet->len >= IP_HLEN && IPH_PROTO(header) == os::lwip::k_icmp &&
        (IPH_OFFSET(header) & k_offset_and_more) == 0 && os::lwip::g_handler != nullptr)
        os::lwip::examine4(*packet);
    return 0; // lwIP goes on with it
}

int unik_lwip_ip6_input(pbuf* packet) {
    const auto* header = static_cast<const ip6_hdr*>(packet->payload);
    if (packet->len >= IP6_HLEN && IP6H_NEXTH(header) == os::lwip::k_icmp6 &&
        os::lwip::g_handler != nullptr)
        os::lwip::examine6(*packet);
    return 0;
}
