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
    test_arguments();
    return report();
}
