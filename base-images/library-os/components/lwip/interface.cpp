#include "interface.hpp"

#include <lwip/etharp.h>
#include <lwip/ethip6.h>
#include <lwip/pbuf.h>
#include <lwip/prot/ethernet.h>
#include <lwip/prot/ip.h>
#include <lwip/prot/ip4.h>
#include <lwip/prot/ip6.h>
#include <lwip/prot/tcp.h>
#include <lwip/stack.hpp>
#include <netif/ethernet.h>

namespace os::lwip {

namespace {
// Smaller frames are copied, and their buffers go back to the driver at once.
constexpr std::size_t k_copied = 256;

constexpr std::uint16_t k_check_always =
    NETIF_CHECKSUM_CHECK_IP | NETIF_CHECKSUM_CHECK_ICMP | NETIF_CHECKSUM_CHECK_ICMP6;
constexpr std::uint16_t k_check_transport = NETIF_CHECKSUM_CHECK_TCP | NETIF_CHECKSUM_CHECK_UDP;

// A received packet while lwIP holds it: lies in the packet's own holder_area.
struct HeldPacket {
    pbuf_custom base;
    net::Packet* packet;

    static void free(pbuf* buffer) {
        net::Packet* packet = reinterpret_cast<HeldPacket*>(buffer)->packet;
        packet->release(*packet);
    }
};
static_assert(sizeof(HeldPacket) <= sizeof(net::Packet::holder_area));

void release_chain(net::Packet* packet) {
    while (packet != nullptr) {
        net::Packet* following = packet->next;
        packet->release(*packet);
        packet = following;
    }
}

pbuf* copy(const net::Packet& packet) {
    pbuf* buffer = pbuf_alloc(PBUF_RAW, static_cast<u16_t>(packet.size), PBUF_RAM);
    if (buffer != nullptr)
        __builtin_memcpy(buffer->payload, packet.data, packet.size);
    return buffer;
}

pbuf* hold(net::Packet& packet) {
    auto* held = reinterpret_cast<HeldPacket*>(packet.holder_area);
    held->base.custom_free_function = &HeldPacket::free;
    held->packet = &packet;
    const auto size = static_cast<u16_t>(packet.size);
    return pbuf_alloced_custom(PBUF_RAW, size, PBUF_REF, &held->base, packet.data, size);
}

struct TransportHeader {
    std::uint16_t start = 0; // 0: nothing for the device to do
    std::uint16_t pseudo_sum = 0;
};

// The sum over the pseudo header of a TCP segment (RFC 9293, 3.1; RFC 8200, 8.1).
std::uint16_t pseudo_sum(const void* addresses, int address_bytes, std::size_t segment) {
    std::uint32_t sum = unik_lwip_checksum(addresses, address_bytes);
    sum += lwip_htons(IP_PROTO_TCP);
    sum += lwip_htons(static_cast<u16_t>(segment));
    sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>((sum & 0xffff) + (sum >> 16));
}

// Where the TCP header of an outgoing frame begins. Others carry their checksums already.
TransportHeader find_tcp(const pbuf& frame) {
    const auto* bytes = static_cast<const std::uint8_t*>(frame.payload);
    if (frame.len < SIZEOF_ETH_HDR + IP_HLEN + TCP_HLEN)
        return {};
    const auto* ethernet = reinterpret_cast<const eth_hdr*>(bytes);
    const std::size_t packet = frame.tot_len - static_cast<std::size_t>(SIZEOF_ETH_HDR);
    if (ethernet->type == PP_HTONS(ETHTYPE_IP)) {
        const auto* ip = reinterpret_cast<const ip_hdr*>(bytes + SIZEOF_ETH_HDR);
        const std::size_t header = IPH_HL_BYTES(ip);
        if (IPH_PROTO(ip) != IP_PROTO_TCP || packet < header + TCP_HLEN ||
            frame.len < SIZEOF_ETH_HDR + header + TCP_HLEN)
            return {};
        return {static_cast<std::uint16_t>(SIZEOF_ETH_HDR + header),
                pseudo_sum(&ip->src, 8, packet - header)};
    }
    if (ethernet->type == PP_HTONS(ETHTYPE_IPV6)) {
        const auto* ip = reinterpret_cast<const ip6_hdr*>(bytes + SIZEOF_ETH_HDR);
        if (IP6H_NEXTH(ip) != IP6_NEXTH_TCP || frame.len < SIZEOF_ETH_HDR + IP6_HLEN + TCP_HLEN)
            return {};
        return {static_cast<std::uint16_t>(SIZEOF_ETH_HDR + IP6_HLEN),
                pseudo_sum(&ip->src, 32, packet - IP6_HLEN)};
    }
    return {};
}
} // namespace

Result<void> Interface::add(const char* host_name) {
    if (netif_add_noaddr(&netif_, this, &Interface::initialise, &ethernet_input) == nullptr)
        return Errno::enomem;
    netif_.hostname = host_name;
    netif_create_ip6_linklocal_address(&netif_, 1);
    netif_set_up(&netif_);
    device_.connect(*this);
    return {};
}

err_t Interface::initialise(netif* interface) {
    Interface& self = of(*interface);
    interface->name[0] = 'e';
    interface->name[1] = 'n';
    interface->output = &etharp_output;
    interface->output_ip6 = &ethip6_output;
    interface->linkoutput = &Interface::output;
    interface->mtu = self.device_.mtu();
    interface->hwaddr_len = 6;
    const net::MacAddress mac = self.device_.mac();
    __builtin_memcpy(interface->hwaddr, mac.bytes, 6);
    interface->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET |
                       NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
    if (self.device_.link_up())
        interface->flags |= NETIF_FLAG_LINK_UP;
    self.generate_flags_ = NETIF_CHECKSUM_GEN_IP | NETIF_CHECKSUM_GEN_UDP |
                           NETIF_CHECKSUM_GEN_ICMP | NETIF_CHECKSUM_GEN_ICMP6;
    if (!self.device_.checksum_offload())
        self.generate_flags_ |= NETIF_CHECKSUM_GEN_TCP;
    interface->chksum_flags = self.generate_flags_;
    return ERR_OK;
}

void Interface::received(net::Packet& packet) {
    std::size_t size = 0;
    for (net::Packet* part = &packet; part != nullptr; part = part->next)
        size += part->size;
    const net::Checksum checksum = packet.checksum;
    if (size > UINT16_MAX) {
        release_chain(&packet);
        return;
    }
    pbuf* frame = nullptr;
    if (packet.next == nullptr && size <= k_copied) {
        frame = copy(packet);
        packet.release(packet);
    } else {
        for (net::Packet* part = &packet; part != nullptr;) {
            net::Packet* following = part->next;
            pbuf* held = hold(*part);
            if (frame == nullptr)
                frame = held;
            else
                pbuf_cat(frame, held);
            part = following;
        }
    }
    if (frame != nullptr)
        deliver(*frame, checksum);
}

// lwIP checks what the flags say at this moment; packets sent to ourselves pass with none set, for
// they may carry no checksum at all.
void Interface::deliver(pbuf& frame, net::Checksum checksum) {
    const AtWork section;
    netif_.chksum_flags = static_cast<u16_t>(generate_flags_ | k_check_always);
    if (checksum == net::Checksum::unknown)
        netif_.chksum_flags = static_cast<u16_t>(netif_.chksum_flags | k_check_transport);
    if (netif_.input(&frame, &netif_) != ERR_OK)
        pbuf_free(&frame);
    netif_.chksum_flags = generate_flags_;
}

err_t Interface::output(netif* interface, pbuf* frame) {
    Interface& self = of(*interface);
    if (self.waiting_.empty()) {
        const Result<void> sent = self.transmit(*frame);
        if (sent.ok())
            return ERR_OK;
        if (sent.error() != Errno::eagain)
            return sent.error() == Errno::enomem ? ERR_MEM : ERR_IF;
    }
    if (self.waiting_.size() >= k_most_waiting || !self.waiting_.push(frame).ok())
        return ERR_MEM;
    pbuf_ref(frame);
    return ERR_OK;
}

Result<void> Interface::transmit(pbuf& frame) {
    constexpr std::size_t k_most = net::Transmission::k_most_fragments;
    pbuf* sent = &frame;
    if (pbuf_clen(sent) > k_most) {
        sent = pbuf_clone(PBUF_RAW, PBUF_RAM, &frame);
        if (sent == nullptr)
            return Errno::enomem;
    } else {
        pbuf_ref(sent);
    }
    net::Transmission transmission;
    transmission.owner = sent;
    if (device_.checksum_offload()) {
        const TransportHeader header = find_tcp(*sent);
        if (header.start != 0) {
            auto* tcp = reinterpret_cast<tcp_hdr*>(static_cast<std::uint8_t*>(sent->payload) +
                                                   header.start);
            tcp->chksum = header.pseudo_sum;
            transmission.checksum_start = header.start;
            transmission.checksum_offset = __builtin_offsetof(tcp_hdr, chksum);
        }
    }
    Bytes fragments[k_most];
    std::size_t count = 0;
    for (const pbuf* part = sent; part != nullptr; part = part->next)
        if (part->len > 0)
            fragments[count++] = {static_cast<const std::uint8_t*>(part->payload), part->len};
    transmission.fragments = {fragments, count};
    Result<void> result = device_.transmit(transmission);
    if (!result.ok())
        pbuf_free(sent);
    return result;
}

void Interface::transmitted(void* owner) {
    pbuf_free(static_cast<pbuf*>(owner));
}

void Interface::transmit_possible() {
    std::size_t done = 0;
    while (done < waiting_.size()) {
        const Result<void> sent = transmit(*waiting_[done]);
        if (!sent.ok() && sent.error() == Errno::eagain)
            break;
        pbuf_free(waiting_[done]);
        ++done;
    }
    const std::size_t left = waiting_.size() - done;
    for (std::size_t i = 0; i < left; ++i)
        waiting_[i] = waiting_[done + i];
    while (waiting_.size() > left)
        waiting_.pop();
}

void Interface::link_changed() {
    if (device_.link_up())
        netif_set_link_up(&netif_);
    else
        netif_set_link_down(&netif_);
}

} // namespace os::lwip
