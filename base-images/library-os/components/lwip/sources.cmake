# lwIP itself, from outside the tree: its core for IPv4, IPv6, TCP and UDP over Ethernet.
include(lwip)
unik_find_lwip(lwip_folder)
set(UNIK_EXTRA_SOURCES_lwip "")
foreach(file
        def inet_chksum init ip mem memp netif pbuf raw tcp tcp_in tcp_out udp
        ipv4/dhcp ipv4/etharp ipv4/icmp ipv4/igmp ipv4/ip4 ipv4/ip4_addr ipv4/ip4_frag
        ipv6/ethip6 ipv6/icmp6 ipv6/inet6 ipv6/ip6 ipv6/ip6_addr ipv6/ip6_frag ipv6/mld6 ipv6/nd6)
    list(APPEND UNIK_EXTRA_SOURCES_lwip ${lwip_folder}/src/core/${file}.c)
endforeach()
list(APPEND UNIK_EXTRA_SOURCES_lwip ${lwip_folder}/src/netif/ethernet.c)
set(UNIK_EXTRA_INCLUDES_lwip ${lwip_folder}/src/include)
