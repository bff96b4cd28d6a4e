// Interfaces as C libraries and runtimes ask for them: netlink, getifaddrs, if_nameindex, ioctls.
// The machines differ, so that only what holds for all of them is compared.
#include "check.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>

#include "rtnetlink.h"

static char answer[8192];

struct request {
    struct nlmsghdr header;
    union {
        struct rtgenmsg any;
        struct ifinfomsg link;
        struct rtmsg route;
    };
    char attributes[64];
};

static long ask(int fd, int type, int flags, int family, size_t body) {
    struct request request = {.header = {.nlmsg_len = (unsigned)(NLMSG_HDRLEN + body),
                                         .nlmsg_type = (unsigned short)type,
                                         .nlmsg_flags = (unsigned short)(NLM_F_REQUEST | flags),
                                         .nlmsg_seq = 7}};
    request.any.rtgen_family = (unsigned char)family;
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    return sendto(fd, &request, request.header.nlmsg_len, 0, ADDRESS(kernel));
}

// Reads a dump to its end; counts the messages of this type and looks for the loopback address.
static int dump(int fd, int wanted, int* loopback4, int* loopback6) {
    int count = 0;
    for (;;) {
        const ssize_t size = recv(fd, answer, sizeof(answer), 0);
        if (size <= 0)
            return -1;
        int left = (int)size;
        for (struct nlmsghdr* one = (struct nlmsghdr*)answer; NLMSG_OK(one, left);
             one = NLMSG_NEXT(one, left)) {
            if (one->nlmsg_type == NLMSG_DONE)
                return count;
            if (one->nlmsg_seq != 7 || (one->nlmsg_flags & NLM_F_MULTI) == 0)
                return -2;
            count += one->nlmsg_type == wanted;
            const struct ifaddrmsg* address = NLMSG_DATA(one);
            if (wanted != RTM_NEWADDR || address->ifa_index != 1)
                continue;
            *loopback4 += address->ifa_family == AF_INET && address->ifa_prefixlen == 8 &&
                          address->ifa_scope == RT_SCOPE_HOST;
            *loopback6 += address->ifa_family == AF_INET6 && address->ifa_prefixlen == 128;
        }
    }
}

static void test_dumps(void) {
    const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    struct sockaddr_nl name = {.nl_family = AF_NETLINK}, from;
    socklen_t size = sizeof(name);
    int four = 0, six = 0;
    gives("bind", bind(fd, ADDRESS(name)), 0);
    check("getsockname", getsockname(fd, (struct sockaddr*)&name, &size) == 0 &&
                             size == sizeof(name) && name.nl_family == AF_NETLINK &&
                             name.nl_pid == (unsigned)getpid());
    gives("RTM_GETLINK", ask(fd, RTM_GETLINK, NLM_F_DUMP, AF_UNSPEC, 1), 17);
    await(fd, POLLIN);
    show_events("with an answer", fd);
    check("links", dump(fd, RTM_NEWLINK, &four, &six) >= 1);
    gives("RTM_GETADDR", ask(fd, RTM_GETADDR, NLM_F_DUMP, AF_UNSPEC, 1), 17);
    check("addresses", dump(fd, RTM_NEWADDR, &four, &six) >= 2);
    check("the loopback addresses", four == 1 && six == 1);
    gives("of one family", ask(fd, RTM_GETADDR, NLM_F_DUMP, AF_INET6, 1), 17);
    six = four = 0;
    dump(fd, RTM_NEWADDR, &four, &six);
    check("only that", four == 0 && six == 1);
    gives("RTM_GETROUTE", ask(fd, RTM_GETROUTE, NLM_F_DUMP, AF_INET, 1), 17);
    check("routes", dump(fd, RTM_NEWROUTE, &four, &six) >= 0);
    fails("nothing more", recv(fd, answer, 16, MSG_DONTWAIT), EAGAIN);
    show_events("without an answer", fd);
    // A datagram that does not fit.
    ask(fd, RTM_GETLINK, NLM_F_DUMP, AF_UNSPEC, 1);
    struct iovec vector = {answer, 20};
    struct msghdr message = {
        .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &vector, .msg_iovlen = 1};
    check("MSG_PEEK | MSG_TRUNC tells its size", recvmsg(fd, &message, MSG_PEEK | MSG_TRUNC) > 20);
    gives("MSG_TRUNC", recvmsg(fd, &message, 0), 20);
    check("its flags and sender", (message.msg_flags & MSG_TRUNC) != 0 &&
                                      message.msg_namelen == sizeof(from) && from.nl_pid == 0 &&
                                      from.nl_family == AF_NETLINK);
    close(fd);
}

static int error_of(int fd) {
    const ssize_t size = recv(fd, answer, sizeof(answer), 0);
    const struct nlmsghdr* header = (struct nlmsghdr*)answer;
    if (size < (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr)) || header->nlmsg_type != NLMSG_ERROR)
        return -1;
    const struct nlmsgerr* error = NLMSG_DATA(header);
    return error->msg.nlmsg_seq == 7 ? -error->error : -2;
}

static void test_single(void) {
    const int fd = socket(AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE);
    struct request request = {.header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
                                         .nlmsg_type = RTM_GETLINK,
                                         .nlmsg_flags = NLM_F_REQUEST,
                                         .nlmsg_seq = 7},
                              .link = {.ifi_index = 1}};
    gives("a link by index", send(fd, &request, request.header.nlmsg_len, 0), 32);
    recv(fd, answer, sizeof(answer), 0);
    struct nlmsghdr* header = (struct nlmsghdr*)answer;
    struct ifinfomsg* link = NLMSG_DATA(header);
    check("it is the loopback",
          header->nlmsg_type == RTM_NEWLINK && link->ifi_index == 1 && link->ifi_type == 772 &&
              (link->ifi_flags & IFF_LOOPBACK) != 0 && (header->nlmsg_flags & NLM_F_MULTI) == 0);
    request.link.ifi_index = 4711;
    send(fd, &request, request.header.nlmsg_len, 0);
    gives("no such link", error_of(fd), ENODEV);
    request.link.ifi_index = 0;
    send(fd, &request, request.header.nlmsg_len, 0);
    gives("neither index nor name", error_of(fd), EINVAL);
    request.header.nlmsg_type = 3000;
    send(fd, &request, request.header.nlmsg_len, 0);
    gives("no such request", error_of(fd), EOPNOTSUPP);
    request.header.nlmsg_type = NLMSG_NOOP;
    request.header.nlmsg_flags |= NLM_F_ACK;
    send(fd, &request, request.header.nlmsg_len, 0);
    gives("an acknowledgement", error_of(fd), 0);
    gives("half a header", send(fd, &request, 7, 0), 7);
    fails("has no answer", recv(fd, answer, 16, MSG_DONTWAIT), EAGAIN);
    struct request route = {.header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct rtmsg)) + 8,
                                       .nlmsg_type = RTM_GETROUTE,
                                       .nlmsg_flags = NLM_F_REQUEST,
                                       .nlmsg_seq = 7},
                            .route = {.rtm_family = AF_INET, .rtm_dst_len = 32}};
    struct rtattr* attribute = (struct rtattr*)((char*)&route + NLMSG_LENGTH(sizeof(struct rtmsg)));
    const struct sockaddr_in near = loopback(0);
    *attribute = (struct rtattr){.rta_len = RTA_LENGTH(4), .rta_type = RTA_DST};
    memcpy(RTA_DATA(attribute), &near.sin_addr, 4);
    send(fd, &route, route.header.nlmsg_len, 0);
    recv(fd, answer, sizeof(answer), 0);
    struct rtmsg* found = NLMSG_DATA(header);
    check("the route to 127.0.0.1", header->nlmsg_type == RTM_NEWROUTE &&
                                        found->rtm_family == AF_INET && found->rtm_dst_len == 32);
    close(fd);
}

static void test_refusals(void) {
    struct sockaddr_nl other = {.nl_family = AF_NETLINK, .nl_pid = 999999}, name;
    socklen_t size = sizeof(name);
    int pair[2];
    fails("another protocol", socket(AF_NETLINK, SOCK_RAW, 31), EPROTONOSUPPORT);
    fails("a stream", socket(AF_NETLINK, SOCK_STREAM, NETLINK_ROUTE), ESOCKTNOSUPPORT);
    fails("a pair", socketpair(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, pair), EOPNOTSUPP);
    fails("X.25", socket(AF_X25, SOCK_SEQPACKET, 0), EAFNOSUPPORT);
    const int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    gives("SO_TYPE", option(fd, SOL_SOCKET, SO_TYPE), SOCK_RAW);
    gives("SO_DOMAIN", option(fd, SOL_SOCKET, SO_DOMAIN), AF_NETLINK);
    fails("bind to a stub", bind(fd, (struct sockaddr*)&other, 4), EINVAL);
    fails("to nobody", sendto(fd, "xxxx", 4, 0, ADDRESS(other)), ECONNREFUSED);
    fails("listen", listen(fd, 1), EOPNOTSUPP);
    fails("accept", accept(fd, NULL, NULL), EOPNOTSUPP);
    fails("shutdown", shutdown(fd, SHUT_RDWR), EOPNOTSUPP);
    fails("recv", recv(fd, answer, 1, MSG_DONTWAIT), EAGAIN);
    check("getpeername", getpeername(fd, (struct sockaddr*)&name, &size) == 0 && name.nl_pid == 0);
    int value = 1;
    gives("join a group", setsockopt(fd, 270, NETLINK_ADD_MEMBERSHIP, &value, 4), 0);
    check("getsockname with it",
          getsockname(fd, (struct sockaddr*)&name, &size) == 0 && name.nl_groups == 1);
    close(fd);
}

static void test_libraries(void) {
    struct ifaddrs *all = NULL, *one;
    int four = 0, six = 0;
    gives("getifaddrs", getifaddrs(&all), 0);
    for (one = all; one != NULL; one = one->ifa_next) {
        if (one->ifa_addr == NULL || strcmp(one->ifa_name, "lo") != 0)
            continue;
        if (one->ifa_addr->sa_family == AF_INET) {
            const struct sockaddr_in* address = (struct sockaddr_in*)one->ifa_addr;
            const struct sockaddr_in* mask = (struct sockaddr_in*)one->ifa_netmask;
            four += address->sin_addr.s_addr == htonl(INADDR_LOOPBACK) &&
                    mask->sin_addr.s_addr == htonl(0xff000000) && (one->ifa_flags & IFF_UP) != 0;
        }
        if (one->ifa_addr->sa_family == AF_INET6)
            six += IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6*)one->ifa_addr)->sin6_addr);
    }
    check("its loopback", four == 1 && six == 1);
    freeifaddrs(all);
    struct if_nameindex* names = if_nameindex();
    check("if_nameindex",
          names != NULL && names[0].if_index == 1 && strcmp(names[0].if_name, "lo") == 0);
    if_freenameindex(names);
    char name[IF_NAMESIZE] = "";
    gives("if_nametoindex", if_nametoindex("lo"), 1);
    check("if_indextoname", if_indextoname(1, name) != NULL && strcmp(name, "lo") == 0);
    gives("no such name", if_nametoindex("nothing9"), 0);
    struct addrinfo hints = {.ai_flags = AI_ADDRCONFIG | AI_NUMERICHOST,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo* found = NULL;
    gives("getaddrinfo", getaddrinfo("127.0.0.1", "80", &hints, &found), 0);
    freeaddrinfo(found);
}

static void test_ioctls(void) {
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct ifreq request = {.ifr_name = "lo"};
    gives("SIOCGIFFLAGS", ioctl(fd, SIOCGIFFLAGS, &request), 0);
    printf("flags of lo: %x\n", request.ifr_flags);
    gives("SIOCGIFADDR", ioctl(fd, SIOCGIFADDR, &request), 0);
    printf("%s\n", inet_ntoa(((struct sockaddr_in*)&request.ifr_addr)->sin_addr));
    gives("SIOCGIFNETMASK", ioctl(fd, SIOCGIFNETMASK, &request), 0);
    printf("%s\n", inet_ntoa(((struct sockaddr_in*)&request.ifr_netmask)->sin_addr));
    gives("SIOCGIFINDEX", ioctl(fd, SIOCGIFINDEX, &request), 0);
    gives("its value", request.ifr_ifindex, 1);
    gives("SIOCGIFMTU", ioctl(fd, SIOCGIFMTU, &request), 0);
    gives("its value", request.ifr_mtu, 65536);
    gives("SIOCGIFHWADDR", ioctl(fd, SIOCGIFHWADDR, &request), 0);
    gives("its kind", request.ifr_hwaddr.sa_family, 772);
    strcpy(request.ifr_name, "nothing9");
    fails("no such interface", ioctl(fd, SIOCGIFFLAGS, &request), ENODEV);
    struct ifreq list[8];
    struct ifconf all = {.ifc_len = sizeof(list), .ifc_req = list};
    gives("SIOCGIFCONF", ioctl(fd, SIOCGIFCONF, &all), 0);
    check("its list", all.ifc_len >= (int)sizeof(list[0]) && strcmp(list[0].ifr_name, "lo") == 0);
    close(fd);
}

int main(void) {
    test_dumps();
    test_single();
    test_refusals();
    test_libraries();
    test_ioctls();
    return report();
}
