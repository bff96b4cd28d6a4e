/* Functions that lwIP calls in the kernel. */
#pragma once

#include "lwip/ip_addr.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tcp_pcb;
struct pbuf;

/* A connection's first sequence number. */
uint32_t unik_lwip_first_sequence_number(const ip_addr_t* local_ip, uint16_t local_port,
                                         const ip_addr_t* remote_ip, uint16_t remote_port);
/* Look at a packet that came in; 0: lwIP goes on with it. */
int unik_lwip_ip4_input(struct pbuf* packet);
int unik_lwip_ip6_input(struct pbuf* packet);
/* The router that was configured, or null. */
const ip6_addr_t* unik_lwip_ip6_gateway(void);

#ifdef __cplusplus
}
#endif

#define LWIP_HOOK_ND6_GET_GW(netif, destination) unik_lwip_ip6_gateway()
#define LWIP_HOOK_IP4_INPUT(packet, netif) unik_lwip_ip4_input(packet)
#define LWIP_HOOK_IP6_INPUT(packet, netif) unik_lwip_ip6_input(packet)
#define LWIP_HOOK_TCP_ISN unik_lwip_first_sequence_number
