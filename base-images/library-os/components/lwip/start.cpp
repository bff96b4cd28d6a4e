#include <clock/clock.hpp>
#include <configuration/configuration.hpp>
#include <console/console.hpp>
#include <control/control.hpp>
#include <foundation/format.hpp>
#include <foundation/own.hpp>
#include <threads/wait_queue.hpp>

#include <lwip/opt.h>

#include <arch/hooks.h>
#include <lwip/dhcp.h>
#include <lwip/dns.h>
#include <lwip/init.h>
#include <lwip/nd6.h>
#include <lwip/netif.h>
#include <lwip/stack.hpp>

#include "interface.hpp"
#include "network_settings.hpp"
#include "timers.hpp"

namespace os::lwip {

namespace {
constexpr Nanoseconds k_longest_wait{5000000000};

constinit threads::WaitQueue g_address_changed;
constinit char g_host_name[65] = {};
constinit Ip6Settings g_ip6;
constinit unsigned g_at_work = 0;

void report(netif& interface) {
    char address[24];
    char gateway[16];
    char ip[16];
    ip4addr_ntoa_r(netif_ip4_addr(&interface), ip, sizeof ip);
    ip4addr_ntoa_r(netif_ip4_gw(&interface), gateway, sizeof gateway);
    const u32_t host_bits = ~lwip_ntohl(netif_ip4_netmask(&interface)->addr);
    const unsigned prefix = host_bits == 0 ? 32 : static_cast<unsigned>(__builtin_clz(host_bits));
    format(address, sizeof address, "%s/%u", ip, prefix);
    control::Event("network")
        .text("interface", Interface::of(interface).device().name())
        .text("ip4", address)
        .text("gateway", gateway)
        .text("dns", name_server(0))
        .send();
}

// Called for every change of state, IPv6's too.
void status_changed(netif* interface) {
    const u32_t address = netif_ip4_addr(interface)->addr;
    u32_t& reported = Interface::of(*interface).reported_address;
    if (address == reported)
        return;
    reported = address;
    if (address != 0) {
        report(*interface);
        g_address_changed.wake_all();
    }
}

void configure_ip4(netif& interface, const Ip4Settings& settings) {
    if (settings.dhcp) {
        if (dhcp_start(&interface) != ERR_OK)
            control::warn("dhcp", "DHCP cannot start: out of memory");
        return;
    }
    if (!ip4_addr_isany_val(settings.name_server)) {
        ip_addr_t server{};
        ip_addr_copy_from_ip4(server, settings.name_server);
        dns_setserver(0, &server);
    }
    ip4_addr_t netmask{};
    netmask.addr = settings.prefix == 0 ? 0 : lwip_htonl(0xffffffffU << (32 - settings.prefix));
    netif_set_addr(&interface, &settings.address, &netmask, &settings.gateway);
}

void configure_ip6(netif& interface, const Ip6Settings& settings) {
    netif_set_ip6_autoconfig_enabled(&interface,
                                     settings.mode == Ip6Settings::Mode::automatic ? 1 : 0);
    if (settings.mode == Ip6Settings::Mode::off) {
        netif_ip6_addr_set_state(&interface, 0, IP6_ADDR_INVALID);
    } else if (settings.mode == Ip6Settings::Mode::fixed) {
        s8_t slot = -1;
        if (netif_add_ip6_address(&interface, &settings.address, &slot) == ERR_OK)
            netif_ip6_addr_set_state(&interface, slot, IP6_ADDR_TENTATIVE);
    }
}

// A malformed setting is reported and replaced by the default.
template <typename Settings>
Settings settings_of(const char* key, Result<Settings> (*parse)(StringView), const char* expected) {
    const StringView text = configuration::setting(key);
    const Result<Settings> settings = parse(text);
    if (settings.ok())
        return settings.value();
    control::warn("network-setting", "%s=%.*s: expected %s", key, static_cast<int>(text.size()),
                  text.data(), expected);
    return Settings{};
}

void copy_host_name() {
    const StringView name = configuration::setting("hostname");
    const std::size_t size = name.size() < sizeof g_host_name ? name.size() : 0;
    if (size > 0)
        __builtin_memcpy(g_host_name, name.data(), size);
}

bool has_address(netif* interface) {
    return !ip4_addr_isany_val(*netif_ip4_addr(interface));
}

void wait_for_address(netif& first) {
    const Nanoseconds deadline = clock::monotonic() + k_longest_wait;
    while (!has_address(&first)) {
        if (netif_is_link_up(&first) && clock::monotonic() < deadline) {
            if (g_address_changed.wait(deadline, threads::Interruptible::no) ==
                threads::WakeReason::woken)
                continue;
        }
        control::warn("no-address",
                      "%s has no IPv4 address yet (%s): the program starts without one",
                      Interface::of(first).device().name(),
                      netif_is_link_up(&first) ? "no answer from a DHCP server within 5 s"
                                               : "the link is down");
        return;
    }
}
} // namespace

AtWork::AtWork() {
    ++g_at_work;
}

AtWork::~AtWork() {
    --g_at_work;
    settle();
}

void settle() {
    if (g_at_work > 0)
        return;
    for (netif* interface = netif_list; interface != nullptr; interface = interface->next) {
        if (interface->loop_first == nullptr)
            continue;
        ++g_at_work;
        netif_poll(interface);
        --g_at_work;
    }
}

Result<void> start() {
    lwip_init();
    // What stays in this machine needs no checksums.
    NETIF_SET_CHECKSUM_CTRL(netif_list, NETIF_CHECKSUM_DISABLE_ALL);
    copy_host_name();
    const auto ip4 = settings_of<Ip4Settings>("ip4", &parse_ip4_settings,
                                              "dhcp or ADDRESS/PREFIX[,GATEWAY[,DNS]]");
    g_ip6 = settings_of<Ip6Settings>("ip6", &parse_ip6_settings,
                                     "auto, off or ADDRESS/PREFIX[,GATEWAY]");
    netif* first = nullptr;
    for (net::NetworkDevice* device = net::registered_devices().front(); device != nullptr;
         device = net::registered_devices().next(*device)) {
        auto made = UNIK_TRY(try_make<Interface>(*device));
        Interface& interface = *made.release(); // for ever, like the device
        UNIK_TRY(interface.add(g_host_name[0] == '\0' ? nullptr : g_host_name));
        netif& added = interface.lwip();
        netif_set_status_callback(&added, &status_changed);
        // Fixed addresses are for the first interface.
        configure_ip4(added, first == nullptr ? ip4 : Ip4Settings{});
        configure_ip6(added, first == nullptr ? g_ip6 : Ip6Settings{});
        if (first == nullptr) {
            first = &added;
            netif_set_default(first);
        }
    }
    rearm_timers();
    if (first != nullptr)
        wait_for_address(*first);
    return {};
}

} // namespace os::lwip

const ip6_addr_t* unik_lwip_ip6_gateway() {
    return os::lwip::g_ip6.has_gateway ? &os::lwip::g_ip6.gateway : nullptr;
}
