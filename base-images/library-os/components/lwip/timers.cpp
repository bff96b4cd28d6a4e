// lwIP wants functions called at fixed intervals (lwip/timeouts.h lists them). Each is called only
// while it has something to do, so that an idle machine sleeps for a second at a time.
#include "timers.hpp"

#include <clock/clock.hpp>
#include <foundation/immortal.hpp>
#include <net-core/network_device.hpp>
#include <threads/timer.hpp>

#include <lwip/opt.h>

#include <lwip/dhcp.h>
#include <lwip/etharp.h>
#include <lwip/igmp.h>
#include <lwip/ip4_frag.h>
#include <lwip/ip6_frag.h>
#include <lwip/memp.h>
#include <lwip/mld6.h>
#include <lwip/nd6.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/stack.hpp>
#include <lwip/timeouts.h>

namespace os::lwip {

namespace {
constexpr std::int64_t k_millisecond = 1000000;
// Connections in TIME_WAIT that are kept: every new connection is compared with all of them.
constexpr unsigned k_most_time_wait = 256;

template <typename Predicate>
bool any_interface(Predicate predicate) {
    for (netif* interface = netif_list; interface != nullptr; interface = interface->next)
        if (predicate(*interface))
            return true;
    return false;
}

bool always() {
    return true;
}
bool tcp_needed() {
    return tcp_active_pcbs != nullptr || tcp_tw_pcbs != nullptr;
}
bool dhcp_fine_needed() {
    return any_interface([](netif& interface) {
        const dhcp* state = netif_dhcp_data(&interface);
        return state != nullptr && state->request_timeout > 0;
    });
}
bool igmp_needed() {
    return any_interface([](netif& interface) {
        for (igmp_group* group = netif_igmp_data(&interface); group != nullptr; group = group->next)
            if (group->timer > 0)
                return true;
        return false;
    });
}
bool mld6_needed() {
    return any_interface([](netif& interface) {
        for (mld_group* group = netif_mld6_data(&interface); group != nullptr; group = group->next)
            if (group->timer > 0)
                return true;
        return false;
    });
}

void forget_oldest_time_wait() {
    tcp_pcb* last = tcp_tw_pcbs;
    for (unsigned i = 1; last != nullptr && i < k_most_time_wait; ++i)
        last = last->next;
    if (last == nullptr)
        return;
    tcp_pcb* rest = last->next;
    last->next = nullptr;
    while (rest != nullptr) {
        tcp_pcb* following = rest->next;
        memp_free(MEMP_TCP_PCB, rest); // holds nothing in this state
        rest = following;
    }
}

void tcp_tick() {
    // A segment whose memory the device still holds is not sent again.
    net::registered_devices().for_each([](net::NetworkDevice& device) { device.reclaim(); });
    tcp_tmr();
    forget_oldest_time_wait();
}

void second_tick() {
    ip_reass_tmr();
    etharp_tmr();
    nd6_tmr();
    ip6_reass_tmr();
}

struct Periodic {
    std::int64_t interval;
    void (*action)();
    bool (*needed)();
    std::int64_t due = 0; // 0: asleep
};
static_assert(IP_TMR_INTERVAL == 1000 && ARP_TMR_INTERVAL == 1000 && ND6_TMR_INTERVAL == 1000 &&
              IP6_REASS_TMR_INTERVAL == 1000);
constinit Periodic g_periodics[] = {
    {TCP_TMR_INTERVAL * k_millisecond, tcp_tick, tcp_needed},
    {1000 * k_millisecond, second_tick, always},
    {DHCP_FINE_TIMER_MSECS * k_millisecond, dhcp_fine_tmr, dhcp_fine_needed},
    {DHCP_COARSE_TIMER_MSECS * k_millisecond, dhcp_coarse_tmr, always},
    {IGMP_TMR_INTERVAL * k_millisecond, igmp_tmr, igmp_needed},
    {MLD6_TMR_INTERVAL * k_millisecond, mld6_tmr, mld6_needed},
};

void run(void*);
constinit Immortal<threads::Timer> g_timer{&run, nullptr};

void run(void*) {
    const std::int64_t now = clock::monotonic().value;
    for (Periodic& periodic : g_periodics) {
        if (periodic.due == 0 || periodic.due > now)
            continue;
        const AtWork section;
        periodic.action();
        periodic.due = now + periodic.interval;
    }
    rearm_timers();
}
} // namespace

void rearm_timers() {
    const std::int64_t now = clock::monotonic().value;
    std::int64_t earliest = INT64_MAX;
    for (Periodic& periodic : g_periodics) {
        if (!periodic.needed())
            periodic.due = 0;
        else if (periodic.due == 0)
            periodic.due = now + periodic.interval;
        if (periodic.due != 0 && periodic.due < earliest)
            earliest = periodic.due;
    }
    g_timer->set(Nanoseconds{earliest});
}

} // namespace os::lwip

// Called by lwip_init().
void sys_timeouts_init() {
    os::lwip::rearm_timers();
}

// lwIP's first connection came to life.
void tcp_timer_needed() {
    auto& tcp = os::lwip::g_periodics[0];
    if (tcp.due == 0)
        os::lwip::rearm_timers();
}
