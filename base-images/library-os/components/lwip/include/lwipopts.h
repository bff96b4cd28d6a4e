/* How lwIP is built: without an operating system's threads (NO_SYS), its raw interface only, all
 * memory from the kernel's heap. Kernel code is not preempted and nothing here runs in interrupt
 * context, so the stack needs no locks. */
#pragma once

#define NO_SYS 1
#define LWIP_TIMERS 1
#define LWIP_TIMERS_CUSTOM 1 /* timers.cpp */
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_RAW 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_STATS 0
#define LWIP_ERRNO_STDINCLUDE 0
#define LWIP_HOOK_FILENAME "arch/hooks.h"

/* Memory: every allocation may fail and the stack copes; no pool has a fixed size. */
#define MEM_LIBC_MALLOC 1
#define MEMP_MEM_MALLOC 1
#define mem_clib_malloc unik_lwip_allocate
#define mem_clib_calloc unik_lwip_allocate_zeroed
#define mem_clib_free unik_lwip_free
#define MEM_ALIGNMENT 8
#define MEM_SIZE (1 << 30)
#define PBUF_POOL_BUFSIZE 1600
#define LWIP_SUPPORT_CUSTOM_PBUF 1
/* 14 bytes of Ethernet header leave the IP header aligned to 4. */
#define ETH_PAD_SIZE 0

#define LWIP_IPV4 1
#define LWIP_ARP 1
#define ARP_QUEUEING 1
#define ARP_QUEUE_LEN 16
#define ARP_TABLE_SIZE 64
#define ETHARP_SUPPORT_STATIC_ENTRIES 0
#define IP_FORWARD 0
#define IP_REASSEMBLY 1
#define IP_REASS_MAX_PBUFS 96
#define MEMP_NUM_REASSDATA 8
#define IP_FRAG 1
#define IP_DEFAULT_TTL 64
#define IP_SOF_BROADCAST 1
#define IP_SOF_BROADCAST_RECV 0
#define LWIP_ICMP 1
#define LWIP_IGMP 1
/* The C library's resolver asks; lwIP only tells whom (dns_setserver() in network_state.cpp). */
#define LWIP_DNS 1
#define DNS_MAX_SERVERS 3
#define LWIP_AUTOIP 0

#define LWIP_DHCP 1
#define LWIP_DHCP_CHECK_LINK_UP 1
#define DHCP_DOES_ARP_CHECK 0 /* it would delay every boot by a second */
#define DHCP_CREATE_RAND_XID 1
#define LWIP_DHCP_GET_NTP_SRV 0

#define LWIP_IPV6 1
#define LWIP_IPV6_MLD 1
#define LWIP_ND6 1
#define LWIP_IPV6_AUTOCONFIG 1
#define LWIP_IPV6_SEND_ROUTER_SOLICIT 1
#define LWIP_IPV6_FRAG 1
#define LWIP_IPV6_REASS 1
#define IPV6_FRAG_COPYHEADER 1 /* pointers are larger than a fragment header has room for */
#define LWIP_IPV6_FORWARD 0
#define LWIP_IPV6_DHCP6 0
#define LWIP_IPV6_NUM_ADDRESSES 4
#define LWIP_ND6_QUEUEING 1
#define MEMP_NUM_ND6_QUEUE 64
#define LWIP_ND6_NUM_NEIGHBORS 32
#define LWIP_ND6_NUM_DESTINATIONS 32
#define LWIP_ND6_NUM_ROUTERS 4
#define LWIP_ND6_NUM_PREFIXES 8

#define LWIP_UDP 1
#define LWIP_NETBUF_RECVINFO 0
#define LWIP_MULTICAST_TX_OPTIONS 1

#define LWIP_TCP 1
#define TCP_MSS 1460
#define LWIP_WND_SCALE 1
#define TCP_RCV_SCALE 3
#define TCP_WND (256 * 1024)
#define TCP_SND_BUF (256 * 1024)
#define TCP_SND_QUEUELEN 1024
#define TCP_SNDLOWAT (32 * 1024)
#define TCP_SNDQUEUELOWAT 768
#define LWIP_TCP_SACK_OUT 1
#define LWIP_TCP_TIMESTAMPS 0
#define TCP_QUEUE_OOSEQ 1
#define TCP_OOSEQ_MAX_BYTES TCP_WND
#define TCP_OOSEQ_MAX_PBUFS 1024
#define TCP_LISTEN_BACKLOG 1
#define TCP_CALCULATE_EFF_SEND_MSS 1
/* Delayed acknowledgements within 100 ms, retransmission in steps of 200 ms. */
#define TCP_TMR_INTERVAL 100
/* Closed connections linger for twice this; lwIP walks them for every connection that comes in. */
#define TCP_MSL 2000UL
#define TCP_MAXRTX 12
#define TCP_SYNMAXRTX 6
#define LWIP_TCP_KEEPALIVE 1
#define SO_REUSE 1
#define LWIP_RANDOMIZE_INITIAL_LOCAL_PORTS 1

#define LWIP_HAVE_LOOPIF 1
#define LWIP_NETIF_LOOPBACK 1
#define LWIP_LOOPBACK_MAX_PBUFS 0
#define LWIP_NETIF_LOOPBACK_MULTITHREADING 0
#define LWIP_NETIF_STATUS_CALLBACK 1
#define LWIP_NETIF_HOSTNAME 1
#define LWIP_SINGLE_NETIF 0
#define LWIP_CHECKSUM_CTRL_PER_NETIF 1
#define LWIP_CHKSUM unik_lwip_checksum

#define LWIP_NO_CTYPE_H 1
#define LWIP_NO_UNISTD_H 1
