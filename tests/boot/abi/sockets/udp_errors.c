// What UDP sockets are told: that nobody listens, how a datagram came; multicast groups.
#include "check.h"

static int closed_port(int family) {
    const int fd = socket(family, SOCK_DGRAM, 0);
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    struct sockaddr_in four = loopback(0);
    socklen_t size = sizeof(six);
    bind(fd, family == AF_INET ? (struct sockaddr*)&four : (struct sockaddr*)&six,
         family == AF_INET ? sizeof(four) : sizeof(six));
    getsockname(fd, (struct sockaddr*)&six, &size); // the port lies at the same place in both
    close(fd);
    return ntohs(six.sin6_port);
}

static void test_refused(int family) {
    const int fd = socket(family, SOCK_DGRAM, 0), port = closed_port(family);
    struct sockaddr_in six_or_four = loopback(port);
    struct sockaddr_in6 six = {.sin6_family = AF_INET6,
                               .sin6_addr = in6addr_loopback,
                               .sin6_port = htons((unsigned short)port)};
    char byte;
    gives("connect",
          family == AF_INET ? connect(fd, ADDRESS(six_or_four)) : connect(fd, ADDRESS(six)), 0);
    gives("the first message", send(fd, "x", 1, 0), 1);
    await(fd, POLLERR);
    show_events("nobody is there", fd);
    fails("recv", recv(fd, &byte, 1, MSG_DONTWAIT), ECONNREFUSED);
    fails("told once", recv(fd, &byte, 1, MSG_DONTWAIT), EAGAIN);
    gives("the second", send(fd, "x", 1, 0), 1);
    await(fd, POLLERR);
    fails("send", send(fd, "x", 1, 0), ECONNREFUSED);
    gives("the third", send(fd, "x", 1, 0), 1);
    await(fd, POLLERR);
    gives("SO_ERROR", option(fd, SOL_SOCKET, SO_ERROR), ECONNREFUSED);
    show_events("after it", fd);
    fails("MSG_ERRQUEUE", recv(fd, &byte, 1, MSG_ERRQUEUE), EAGAIN);
    close(fd);
}

static void test_unconnected(void) {
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in nobody = loopback(closed_port(AF_INET));
    char byte;
    gives("to nobody", sendto(fd, "x", 1, 0, ADDRESS(nobody)), 1);
    fails("is not told", recv(fd, &byte, 1, MSG_DONTWAIT), EAGAIN);
    gives("again", sendto(fd, "x", 1, 0, ADDRESS(nobody)), 1);
    close(fd);
}

static void show_control(const char* name, struct msghdr* message) {
    printf("%s: flags %x", name, (unsigned)message->msg_flags);
    for (struct cmsghdr* one = CMSG_FIRSTHDR(message); one != NULL;
         one = CMSG_NXTHDR(message, one)) {
        printf(", level %d type %d size %zu", one->cmsg_level, one->cmsg_type,
               (size_t)one->cmsg_len);
        if (one->cmsg_level == IPPROTO_IP && one->cmsg_type == IP_TTL)
            printf(" value %d", *(int*)CMSG_DATA(one));
        if (one->cmsg_level == IPPROTO_IP && one->cmsg_type == IP_TOS)
            printf(" value %d", *CMSG_DATA(one));
    }
    puts("");
}

static void test_facts(int option_name, int level, const char* name) {
    const int receiver = socket(AF_INET, SOCK_DGRAM, 0), sender = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in any = loopback(0);
    char byte, control[128] __attribute__((aligned(8)));
    struct iovec in = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &in, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
    bind(receiver, ADDRESS(any));
    any = name_of(receiver);
    set_option(receiver, level, option_name, 1);
    set_option(sender, IPPROTO_IP, IP_TTL, 17);
    set_option(sender, IPPROTO_IP, IP_TOS, 0x28);
    sendto(sender, "a", 1, 0, ADDRESS(any));
    sendto(sender, "b", 1, 0, ADDRESS(any));
    recvmsg(receiver, &message, 0);
    show_control(name, &message);
    message.msg_controllen = 8; // too little
    recvmsg(receiver, &message, 0);
    check("no room for it", (message.msg_flags & MSG_CTRUNC) != 0);
    close(receiver);
    close(sender);
}

static void test_groups(void) {
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct ip_mreqn group = {.imr_multiaddr.s_addr = htonl(0xef010203), .imr_ifindex = 1};
    struct ip_mreqn wrong = {.imr_multiaddr.s_addr = htonl(0x0a010203), .imr_ifindex = 1};
    struct ip_mreqn nowhere = {.imr_multiaddr.s_addr = htonl(0xef010203), .imr_ifindex = 99};
    gives("join", setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)), 0);
    fails("join again", setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)),
          EADDRINUSE);
    fails("no group", setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &wrong, sizeof(wrong)), EINVAL);
    fails("no interface", setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &nowhere, sizeof(nowhere)),
          ENODEV);
    fails("half a request", setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, 4), EINVAL);
    gives("leave", setsockopt(fd, IPPROTO_IP, IP_DROP_MEMBERSHIP, &group, sizeof(group)), 0);
    fails("leave again", setsockopt(fd, IPPROTO_IP, IP_DROP_MEMBERSHIP, &group, sizeof(group)),
          EADDRNOTAVAIL);
    struct in_addr interface = {htonl(INADDR_LOOPBACK)};
    gives("IP_MULTICAST_IF", setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &interface, 4), 0);
    interface.s_addr = htonl(0x0a090807);
    fails("with a wrong address", setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &interface, 4),
          EADDRNOTAVAIL);
    close(fd);
}

// A burst larger than a socket's buffer: what arrives is whole, in order, and not all of it.
static void test_burst(void) {
    const int receiver = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0),
              sender = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in any = loopback(0);
    static char bytes[1000];
    int sent = 0, received = 0, in_order = 1, last = -1, number;
    bind(receiver, ADDRESS(any));
    any = name_of(receiver);
    connect(sender, ADDRESS(any));
    for (int i = 0; i < 2000; ++i) {
        memcpy(bytes, &i, sizeof(i));
        sent += send(sender, bytes, sizeof(bytes), 0) == sizeof(bytes);
    }
    while (recv(receiver, bytes, sizeof(bytes), 0) == sizeof(bytes)) {
        memcpy(&number, bytes, sizeof(number));
        in_order = in_order && number > last;
        last = number;
        ++received;
    }
    gives("all are sent", sent, 2000);
    check("the first arrive, in order", in_order && received > 50 && received < 2000);
    close(receiver);
    close(sender);
}

int main(void) {
    test_refused(AF_INET);
    test_refused(AF_INET6);
    test_unconnected();
    test_facts(IP_RECVTTL, IPPROTO_IP, "IP_RECVTTL");
    test_facts(IP_RECVTOS, IPPROTO_IP, "IP_RECVTOS");
    test_facts(SO_TIMESTAMP, SOL_SOCKET, "SO_TIMESTAMP");
    test_facts(SO_TIMESTAMPNS, SOL_SOCKET, "SO_TIMESTAMPNS");
    test_groups();
    test_burst();
    return report();
}
