// The life of a TCP socket: what each call says in each state, and what poll shows.
#include "check.h"

static void test_fresh(void) {
    struct sockaddr_in name, far = loopback(5);
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    socklen_t size = sizeof(name);
    char byte;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    show_events("fresh", fd);
    fails("read of a fresh socket", read(fd, &byte, 1), ENOTCONN);
    fails("send on a fresh socket", send(fd, "x", 1, MSG_NOSIGNAL), EPIPE);
    fails("getpeername of a fresh socket", getpeername(fd, (struct sockaddr*)&name, &size),
          ENOTCONN);
    fails("accept on a fresh socket", accept(fd, NULL, NULL), EINVAL);
    fails("shutdown of a fresh socket", shutdown(fd, SHUT_WR), ENOTCONN);
    far.sin_addr.s_addr = htonl(0x08080808);
    fails("bind to somebody else's address", bind(fd, ADDRESS(far)), EADDRNOTAVAIL);
    fails("bind to half an address", bind(fd, (struct sockaddr*)&far, 8), EINVAL);
    fails("connect to half an address", connect(fd, (struct sockaddr*)&far, 4), EINVAL);
    fails("bind to another family", bind(fd, ADDRESS(six)), EAFNOSUPPORT);
    close(fd);
}

static void test_listener(int listening) {
    struct sockaddr_in name = name_of(listening);
    int waiting = 0;
    char byte;
    show_events("idle listener", listening);
    gives("SO_ACCEPTCONN", option(listening, SOL_SOCKET, SO_ACCEPTCONN), 1);
    fails("connect of a listener", connect(listening, ADDRESS(name)), EISCONN);
    fails("read of a listener", read(listening, &byte, 1), ENOTCONN);
    fails("send on a listener", send(listening, "x", 1, MSG_NOSIGNAL), EPIPE);
    fails("FIONREAD of a listener", ioctl(listening, FIONREAD, &waiting), EINVAL);
    const int other = socket(AF_INET, SOCK_STREAM, 0);
    fails("bind to a used port", bind(other, ADDRESS(name)), EADDRINUSE);
    set_option(other, SOL_SOCKET, SO_REUSEADDR, 1);
    fails("bind to a listener's port with SO_REUSEADDR", bind(other, ADDRESS(name)), EADDRINUSE);
    close(other);
}

static void test_connecting(int listening) {
    struct sockaddr_in name = name_of(listening), peer = {0};
    socklen_t size = sizeof(peer);
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    fails("non-blocking connect", connect(client, ADDRESS(name)), EINPROGRESS);
    await(client, POLLOUT);
    show_events("connected", client);
    gives("SO_ERROR", option(client, SOL_SOCKET, SO_ERROR), 0);
    gives("connect once more", connect(client, ADDRESS(name)), 0);
    fails("connect a third time", connect(client, ADDRESS(name)), EISCONN);
    show_events("listener with a connection", listening);
    const int server =
        accept4(listening, (struct sockaddr*)&peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    check("accept4",
          server >= 0 && size == sizeof(peer) && peer.sin_port == name_of(client).sin_port);
    check("accept4's flags",
          (fcntl(server, F_GETFL) & O_NONBLOCK) != 0 && fcntl(server, F_GETFD) == FD_CLOEXEC);
    size = sizeof(peer);
    check("getpeername", getpeername(client, (struct sockaddr*)&peer, &size) == 0 &&
                             peer.sin_port == name.sin_port);
    show_events("accepted", server);
    close(client);
    close(server);
}

static void test_half_close(int listening) {
    struct connection c = connection_to(listening);
    struct sockaddr_in name;
    socklen_t size = sizeof(name);
    char bytes[8];
    gives("shutdown for writing", shutdown(c.client, SHUT_WR), 0);
    await(c.server, POLLRDHUP);
    show_events("the other end closed", c.server);
    show_events("closed for writing", c.client);
    gives("end of the stream", read(c.server, bytes, 1), 0);
    fails("write after shutdown", send(c.client, "x", 1, MSG_NOSIGNAL), EPIPE);
    gives("write the other way", write(c.server, "zz", 2), 2);
    await(c.client, POLLIN);
    gives("read the other way", read(c.client, bytes, 8), 2);
    gives("shutdown of the other end", shutdown(c.server, SHUT_WR), 0);
    await(c.client, POLLRDHUP);
    show_events("both closed", c.client);
    show_events("both closed, the other end", c.server);
    gives("end of the other stream", read(c.client, bytes, 1), 0);
    fails("getpeername at the end", getpeername(c.client, (struct sockaddr*)&name, &size),
          ENOTCONN);
    close(c.client);
    close(c.server);
    c = connection_to(listening);
    gives("shutdown for reading", shutdown(c.server, SHUT_RD), 0);
    show_events("closed for reading", c.server);
    gives("read after that", read(c.server, bytes, 1), 0);
    close(c.client);
    close(c.server);
}

static void test_resets(int listening) {
    struct connection c = connection_to(listening);
    struct linger at_once = {1, 0};
    char byte;
    setsockopt(c.client, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(c.client);
    await(c.server, POLLERR);
    show_events("reset", c.server);
    fails("read after a reset", read(c.server, &byte, 1), ECONNRESET);
    gives("the next read", read(c.server, &byte, 1), 0);
    fails("send after a reset", send(c.server, "x", 1, MSG_NOSIGNAL), EPIPE);
    show_events("after the error", c.server);
    close(c.server);

    c = connection_to(listening);
    write(c.client, "unread", 6);
    await(c.server, POLLIN);
    close(c.server);
    await(c.client, POLLERR);
    show_events("closed with data unread", c.client);
    fails("read then", read(c.client, &byte, 1), ECONNRESET);
    close(c.client);

    c = connection_to(listening);
    close(c.server);
    await(c.client, POLLRDHUP);
    show_events("closed", c.client);
    gives("a write to the closed end", send(c.client, "x", 1, MSG_NOSIGNAL), 1);
    await(c.client, POLLERR);
    show_events("after that write", c.client);
    fails("the next write", send(c.client, "x", 1, MSG_NOSIGNAL), EPIPE);
    gives("a read", read(c.client, &byte, 1), 0);
    close(c.client);
}

static void test_refused(int listening) {
    struct sockaddr_in nobody = loopback(1), name = name_of(listening);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    fails("connect to nobody", connect(fd, ADDRESS(nobody)), ECONNREFUSED);
    fails("connect to nobody again", connect(fd, ADDRESS(nobody)), ECONNREFUSED);
    gives("connect to somebody", connect(fd, ADDRESS(name)), 0);
    close(accept(listening, NULL, NULL));
    close(fd);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    fails("non-blocking connect to nobody", connect(fd, ADDRESS(nobody)), EINPROGRESS);
    await(fd, POLLERR);
    show_events("refused", fd);
    gives("its error", option(fd, SOL_SOCKET, SO_ERROR), ECONNREFUSED);
    show_events("after its error", fd);
    close(fd);
}

int main(void) {
    test_fresh();
    const int listening = listener();
    test_listener(listening);
    test_connecting(listening);
    test_half_close(listening);
    test_resets(listening);
    test_refused(listening);
    struct sockaddr_in name = name_of(listening);
    const int left = socket(AF_INET, SOCK_STREAM, 0);
    char byte;
    connect(left, ADDRESS(name));
    close(listening);
    await(left, POLLERR);
    fails("a connection that nobody accepted", read(left, &byte, 1), ECONNRESET);
    return report();
}
