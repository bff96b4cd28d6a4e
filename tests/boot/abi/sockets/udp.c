// UDP: message borders, truncation, connected sockets, several messages in one call.
#include "check.h"

static char large[70000];

static void test_messages(int receiver, int sender, struct sockaddr_in name) {
    struct sockaddr_in from = {0};
    socklen_t size = sizeof(from);
    char bytes[16];
    int waiting = 0;
    gives("sendto", sendto(sender, "hello", 5, 0, ADDRESS(name)), 5);
    await(receiver, POLLIN);
    show_events("with a message", receiver);
    check("FIONREAD", ioctl(receiver, FIONREAD, &waiting) == 0 && waiting == 5);
    gives("peek at the whole size", recv(receiver, bytes, 2, MSG_PEEK | MSG_TRUNC), 5);
    gives("a short read", recvfrom(receiver, bytes, 2, 0, (struct sockaddr*)&from, &size), 2);
    check("its sender", size == sizeof(from) && from.sin_port == name_of(sender).sin_port);
    fails("the rest is gone", recv(receiver, bytes, 2, MSG_DONTWAIT), EAGAIN);
    gives("an empty message", sendto(sender, "", 0, 0, ADDRESS(name)), 0);
    await(receiver, POLLIN);
    gives("arrives", recv(receiver, bytes, 9, 0), 0);
    gives("connect", connect(sender, ADDRESS(name)), 0);
    gives("send", send(sender, "abc", 3, 0), 3);
    struct iovec in[2] = {{bytes, 1}, {bytes + 9, 1}};
    struct msghdr message = {
        .msg_iov = in, .msg_iovlen = 2, .msg_name = &from, .msg_namelen = sizeof(from)};
    gives("recvmsg", recvmsg(receiver, &message, 0), 2);
    check("says what it cut off", message.msg_flags == MSG_TRUNC);
    gives("sixty thousand bytes", send(sender, large, 60000, 0), 60000);
    await(receiver, POLLIN);
    gives("arrive", recv(receiver, large, sizeof(large), 0), 60000);
    fails("too many", send(sender, large, 66000, 0), EMSGSIZE);
}

static void test_several(int receiver, int sender) {
    struct iovec out[2] = {{"11", 2}, {"222", 3}};
    struct mmsghdr sent[2] = {{.msg_hdr = {.msg_iov = &out[0], .msg_iovlen = 1}},
                              {.msg_hdr = {.msg_iov = &out[1], .msg_iovlen = 1}}};
    char bytes[3][8];
    struct iovec in[3];
    struct mmsghdr received[3];
    memset(received, 0, sizeof(received));
    for (int i = 0; i < 3; ++i) {
        in[i] = (struct iovec){bytes[i], sizeof(bytes[i])};
        received[i].msg_hdr = (struct msghdr){.msg_iov = &in[i], .msg_iovlen = 1};
    }
    gives("sendmmsg", sendmmsg(sender, sent, 2, 0), 2);
    gives("recvmmsg", recvmmsg(receiver, received, 3, MSG_WAITFORONE, NULL), 2);
    check("its sizes", received[0].msg_len == 2 && received[1].msg_len == 3);
}

static void test_packet_info(int receiver, int sender) {
    char byte, control[128];
    struct iovec in = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &in, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
    set_option(receiver, IPPROTO_IP, IP_PKTINFO, 1);
    send(sender, "i", 1, 0);
    gives("recvmsg with IP_PKTINFO", recvmsg(receiver, &message, 0), 1);
    struct cmsghdr* header = CMSG_FIRSTHDR(&message);
    check("has one", header != NULL && header->cmsg_type == IP_PKTINFO);
    if (header != NULL) {
        struct in_pktinfo info;
        memcpy(&info, CMSG_DATA(header), sizeof(info));
        check("names the interface and the address",
              info.ipi_ifindex == 1 && info.ipi_addr.s_addr == htonl(INADDR_LOOPBACK));
    }
}

int main(void) {
    const int receiver = socket(AF_INET, SOCK_DGRAM, 0), sender = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in any = loopback(0), everybody = {.sin_family = AF_INET, .sin_port = 99};
    char byte;
    show_events("fresh", receiver);
    fails("send to nowhere", send(sender, "x", 1, 0), EDESTADDRREQ);
    fails("nothing to receive", recv(receiver, &byte, 1, MSG_DONTWAIT), EAGAIN);
    gives("bind", bind(receiver, ADDRESS(any)), 0);
    fails("bind again", bind(receiver, ADDRESS(any)), EINVAL);
    fails("listen", listen(receiver, 1), EOPNOTSUPP);
    fails("accept", accept(receiver, NULL, NULL), EOPNOTSUPP);
    fails("shutdown without a peer", shutdown(receiver, SHUT_RD), ENOTCONN);
    everybody.sin_addr.s_addr = INADDR_BROADCAST;
    fails("broadcast without SO_BROADCAST", sendto(sender, "x", 1, 0, ADDRESS(everybody)), EACCES);
    test_messages(receiver, sender, name_of(receiver));
    test_several(receiver, sender);
    test_packet_info(receiver, sender);
    return report();
}
