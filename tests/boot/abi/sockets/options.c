// Socket options, and the errors of calls with wrong arguments.
#include "check.h"

static void test_options(void) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct linger linger;
    socklen_t size = sizeof(linger);
    int value = 5000;
    gives("SO_TYPE", option(fd, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
    gives("SO_DOMAIN", option(fd, SOL_SOCKET, SO_DOMAIN), AF_INET);
    gives("SO_PROTOCOL", option(fd, SOL_SOCKET, SO_PROTOCOL), IPPROTO_TCP);
    gives("SO_REUSEADDR", option(fd, SOL_SOCKET, SO_REUSEADDR), 0);
    gives("SO_KEEPALIVE", option(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
    gives("TCP_KEEPIDLE", option(fd, IPPROTO_TCP, TCP_KEEPIDLE), 7200);
    gives("TCP_KEEPINTVL", option(fd, IPPROTO_TCP, TCP_KEEPINTVL), 75);
    gives("TCP_KEEPCNT", option(fd, IPPROTO_TCP, TCP_KEEPCNT), 9);
    gives("TCP_NODELAY", option(fd, IPPROTO_TCP, TCP_NODELAY), 0);
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    gives("TCP_NODELAY set", option(fd, IPPROTO_TCP, TCP_NODELAY), 1);
    set_option(fd, SOL_SOCKET, SO_RCVBUF, 5000);
    gives("SO_RCVBUF doubles", option(fd, SOL_SOCKET, SO_RCVBUF), 10000);
    check("SO_LINGER", getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &size) == 0 &&
                           size == sizeof(linger) && linger.l_onoff == 0);
    fails("SO_TYPE cannot be set", setsockopt(fd, SOL_SOCKET, SO_TYPE, &value, 4), ENOPROTOOPT);
    fails("a value too short", setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, 2), EINVAL);
    fails("IPv6's options", setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &value, 4), ENOPROTOOPT);
    gives("an unknown option", option(fd, IPPROTO_TCP, 999), -ENOPROTOOPT);
    gives("an unknown level", option(fd, 77, 1), -EOPNOTSUPP);
    close(fd);
}

struct probe {
    int family, type, level, name;
    const char* text;
};

// The value of a new socket, what it takes, and how it is told in fewer bytes.
static void show(const struct probe* probe) {
    static const int values[] = {0, 1, -1, 2, 100, 300, 70000};
    const int fd = socket(probe->family, probe->type, 0);
    unsigned char bytes[4] = {0xee, 0xee, 0xee, 0xee};
    printf("%s: %d;", probe->text, option(fd, probe->level, probe->name));
    for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); ++i) {
        const int result = setsockopt(fd, probe->level, probe->name, &values[i], sizeof(int));
        printf(" %d -> %d,", values[i],
               result == 0 ? option(fd, probe->level, probe->name) : -errno);
    }
    socklen_t size = 2;
    int result = getsockopt(fd, probe->level, probe->name, bytes, &size);
    printf(" two bytes: %d, %u", result == 0 ? 0 : errno, size);
    result = setsockopt(fd, probe->level, probe->name, bytes, 1);
    printf(", one set: %d\n", result == 0 ? 0 : errno);
    close(fd);
}

#define TCP4(level, name)                                                                          \
    { AF_INET, SOCK_STREAM, level, name, "tcp " #name }
#define TCP6(level, name)                                                                          \
    { AF_INET6, SOCK_STREAM, level, name, "tcp6 " #name }
#define UDP4(level, name)                                                                          \
    { AF_INET, SOCK_DGRAM, level, name, "udp " #name }
#define UDP6(level, name)                                                                          \
    { AF_INET6, SOCK_DGRAM, level, name, "udp6 " #name }
#define LOCAL(name)                                                                                \
    { AF_UNIX, SOCK_STREAM, SOL_SOCKET, name, "unix " #name }

static void test_values(void) {
    static const struct probe probes[] = {
        TCP4(SOL_SOCKET, SO_DEBUG),
        TCP4(SOL_SOCKET, SO_REUSEADDR),
        TCP4(SOL_SOCKET, SO_TYPE),
        TCP4(SOL_SOCKET, SO_DONTROUTE),
        TCP4(SOL_SOCKET, SO_KEEPALIVE),
        TCP4(SOL_SOCKET, SO_OOBINLINE),
        TCP4(SOL_SOCKET, SO_PRIORITY),
        TCP4(SOL_SOCKET, SO_REUSEPORT),
        TCP4(SOL_SOCKET, SO_SNDLOWAT),
        TCP4(SOL_SOCKET, SO_ACCEPTCONN),
        TCP4(SOL_SOCKET, SO_DOMAIN),
        TCP4(SOL_SOCKET, SO_PROTOCOL),
        TCP4(SOL_SOCKET, SO_BUSY_POLL),
        TCP4(SOL_SOCKET, SO_DETACH_FILTER),
        TCP4(IPPROTO_TCP, TCP_NODELAY),
        TCP4(IPPROTO_TCP, TCP_CORK),
        TCP4(IPPROTO_TCP, TCP_KEEPIDLE),
        TCP4(IPPROTO_TCP, TCP_KEEPINTVL),
        TCP4(IPPROTO_TCP, TCP_KEEPCNT),
        TCP4(IPPROTO_TCP, TCP_SYNCNT),
        TCP4(IPPROTO_TCP, TCP_QUICKACK),
        TCP4(IPPROTO_TCP, TCP_USER_TIMEOUT),
        TCP4(IPPROTO_IP, IP_TOS),
        TCP4(IPPROTO_IP, IP_TTL),
        TCP4(IPPROTO_IP, IP_PKTINFO),
        TCP4(IPPROTO_IP, IP_MTU_DISCOVER),
        TCP4(IPPROTO_IP, IP_RECVERR),
        TCP4(IPPROTO_IP, IP_FREEBIND),
        TCP4(IPPROTO_IP, IP_MTU),
        TCP6(IPPROTO_IPV6, IPV6_UNICAST_HOPS),
        TCP6(IPPROTO_IPV6, IPV6_V6ONLY),
        TCP6(IPPROTO_IPV6, IPV6_TCLASS),
        UDP4(SOL_SOCKET, SO_BROADCAST),
        UDP4(SOL_SOCKET, SO_NO_CHECK),
        UDP4(IPPROTO_IP, IP_TOS),
        UDP4(IPPROTO_IP, IP_MULTICAST_TTL),
        UDP4(IPPROTO_IP, IP_MULTICAST_LOOP),
        UDP4(IPPROTO_IP, IP_RECVTTL),
        UDP4(IPPROTO_IP, IP_MULTICAST_ALL),
        UDP6(IPPROTO_IPV6, IPV6_MULTICAST_HOPS),
        UDP6(IPPROTO_IPV6, IPV6_MULTICAST_LOOP),
        UDP6(IPPROTO_IPV6, IPV6_RECVPKTINFO),
        LOCAL(SO_PASSCRED),
        LOCAL(SO_TYPE),
        LOCAL(SO_DOMAIN),
        LOCAL(SO_KEEPALIVE),
    };
    for (unsigned i = 0; i < sizeof(probes) / sizeof(probes[0]); ++i)
        show(&probes[i]);
}

static void test_others(void) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    char name[16] = "no_such_thing";
    unsigned long long cookie = 0;
    socklen_t size = sizeof(cookie);
    fails("an unknown TCP_CONGESTION", setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, 16),
          ENOENT);
    size = sizeof(name);
    check("TCP_CONGESTION", getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &size) == 0 &&
                                size == sizeof(name) && name[0] != 0);
    gives("it can be set again", setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, 16), 0);
    size = sizeof(cookie);
    gives("SO_COOKIE", getsockopt(fd, SOL_SOCKET, 57, &cookie, &size), 0);
    gives("SO_INCOMING_NAPI_ID", option(fd, SOL_SOCKET, 56), 0);
    struct timeval timeout = {1, 2000000};
    fails("SO_RCVTIMEO out of range",
          setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)), EDOM);
    timeout.tv_usec = 500000;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    timeout.tv_sec = 0;
    size = sizeof(timeout);
    check("SO_RCVTIMEO", getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, &size) == 0 &&
                             timeout.tv_sec == 1 && timeout.tv_usec == 500000);
    close(fd);
}

static void test_arguments(void) {
    int pair[2];
    const int local = socket(AF_UNIX, SOCK_STREAM, 0);
    int value = 1;
    fails("an unknown family", socket(99, SOCK_STREAM, 0), EAFNOSUPPORT);
    fails("another protocol", socket(AF_INET, SOCK_STREAM, IPPROTO_UDP), EPROTONOSUPPORT);
    fails("a pair of TCP sockets", socketpair(AF_INET, SOCK_STREAM, 0, pair), EOPNOTSUPP);
    fails("not a socket", listen(0, 1), ENOTSOCK);
    fails("not a descriptor", listen(99, 1), EBADF);
    fails("an address out of bounds", bind(local, (struct sockaddr*)8, 16), EFAULT);
    fails("TCP's options of a Unix socket", setsockopt(local, IPPROTO_TCP, TCP_NODELAY, &value, 4),
          EOPNOTSUPP);
}

int main(void) {
    test_options();
    test_values();
    test_others();
    test_arguments();
    return report();
}
