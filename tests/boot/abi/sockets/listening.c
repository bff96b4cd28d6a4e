// Many connections that wait, several listeners at one address, and what a connection tells of
// itself.
#include "check.h"

#include <sys/resource.h>

enum { crowd = 300, group = 3 };

static int start_connecting(int listening) {
    struct sockaddr_in name = name_of(listening);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (connect(fd, ADDRESS(name)) != 0 && errno != EINPROGRESS)
        check("connect", 0);
    return fd;
}

// More than lwIP can count.
static void test_crowd(void) {
    const int listening = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in any = loopback(0);
    static int clients[crowd];
    int connected = 0, accepted = 0;
    bind(listening, ADDRESS(any));
    gives("a long backlog", listen(listening, 1000), 0);
    for (int i = 0; i < crowd; ++i) {
        clients[i] = start_connecting(listening);
        await(clients[i], POLLOUT);
        connected += option(clients[i], SOL_SOCKET, SO_ERROR) == 0;
    }
    gives("all are connected before one is accepted", connected, crowd);
    for (int i = 0; i < crowd; ++i) {
        const int server = accept(listening, NULL, NULL);
        char byte = 'x';
        accepted += write(clients[i], "y", 1) == 1 && server >= 0 && read(server, &byte, 1) == 1 &&
                    byte == 'y';
        close(server);
        close(clients[i]);
    }
    gives("and all are accepted, in their order", accepted, crowd);
    close(listening);
}

static void test_full_backlog(void) {
    const int listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in any = loopback(0);
    int clients[4];
    bind(listening, ADDRESS(any));
    gives("a short backlog", listen(listening, 1), 0);
    for (int i = 0; i < 2; ++i) {
        clients[i] = start_connecting(listening);
        await(clients[i], POLLOUT);
        show_events("one of two", clients[i]);
    }
    await(listening, POLLIN);
    clients[2] = start_connecting(listening);
    show_events("the third", clients[2]);
    gives("a longer one", listen(listening, 8), 0);
    clients[3] = start_connecting(listening);
    await(clients[3], POLLOUT);
    show_events("the fourth", clients[3]);
    for (int i = 0; i < 3; ++i)
        close(accept(listening, NULL, NULL));
    for (int i = 0; i < 4; ++i)
        close(clients[i]);
    close(listening);
}

static int sharing(struct sockaddr_in* name, int reuse_port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    socklen_t size = sizeof(*name);
    set_option(fd, SOL_SOCKET, SO_REUSEPORT, reuse_port);
    if (bind(fd, (struct sockaddr*)name, sizeof(*name)) != 0 || listen(fd, 64) != 0) {
        close(fd);
        return -1;
    }
    getsockname(fd, (struct sockaddr*)name, &size);
    return fd;
}

static int take_all(int listening) {
    int count = 0, fd;
    while ((fd = accept(listening, NULL, NULL)) >= 0) {
        ++count;
        close(fd);
    }
    return count;
}

static void test_sharing(void) {
    struct sockaddr_in name = loopback(0);
    int members[group], clients[60], taken[group], all = 0;
    for (int i = 0; i < group; ++i)
        members[i] = sharing(&name, 1);
    check("three listeners at one address", members[0] >= 0 && members[1] >= 0 && members[2] >= 0);
    fails("none without SO_REUSEPORT", sharing(&name, 0), EADDRINUSE);
    for (int i = 0; i < 60; ++i) {
        clients[i] = start_connecting(members[0]);
        await(clients[i], POLLOUT);
    }
    for (int i = 0; i < group; ++i) {
        taken[i] = take_all(members[i]);
        all += taken[i];
    }
    check("each gets some", taken[0] > 0 && taken[1] > 0 && taken[2] > 0);
    gives("none is lost", all, 60);
    for (int i = 0; i < 60; ++i)
        close(clients[i]);
    close(members[0]);
    all = 0;
    for (int i = 0; i < 20; ++i) {
        clients[i] = start_connecting(members[1]);
        await(clients[i], POLLOUT);
        all += option(clients[i], SOL_SOCKET, SO_ERROR) == 0;
    }
    gives("the others go on", all, 20);
    gives("and get them all", take_all(members[1]) + take_all(members[2]), 20);
    for (int i = 0; i < 20; ++i)
        close(clients[i]);
    close(members[1]);
    close(members[2]);
    name.sin_port = htons(ntohs(name.sin_port));
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    fails("nobody is left", connect(client, ADDRESS(name)), ECONNREFUSED);
    close(client);
}

// Without a free descriptor a connection waits until there is one.
static void test_no_descriptor(void) {
    const int listening = listener(), client = start_connecting(listening);
    struct rlimit limit, old;
    int fillers[64], count = 0;
    await(client, POLLOUT);
    getrlimit(RLIMIT_NOFILE, &old);
    limit = old;
    limit.rlim_cur = 32;
    setrlimit(RLIMIT_NOFILE, &limit);
    while (count < 64 && (fillers[count] = dup(0)) >= 0)
        ++count;
    fails("no descriptor is free", accept(listening, NULL, NULL), EMFILE);
    fails("nor for a socket", socket(AF_INET, SOCK_STREAM, 0), EMFILE);
    show_events("it goes on waiting", listening);
    close(fillers[--count]);
    const int server = accept(listening, NULL, NULL);
    check("until one is free", server >= 0 && write(server, "x", 1) == 1);
    while (count > 0)
        close(fillers[--count]);
    setrlimit(RLIMIT_NOFILE, &old);
    close(server);
    close(client);
    close(listening);
}

static int state_of(int fd) {
    struct tcp_info info = {0};
    socklen_t size = sizeof(info);
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_state : -errno;
}

static void test_states(void) {
    const int listening = listener(), fresh = socket(AF_INET, SOCK_STREAM, 0);
    struct connection c = connection_to(listening);
    gives("a fresh socket", state_of(fresh), TCP_CLOSE);
    gives("a listener", state_of(listening), TCP_LISTEN);
    gives("a connection", state_of(c.client), TCP_ESTABLISHED);
    shutdown(c.client, SHUT_WR);
    await(c.server, POLLRDHUP);
    const int half = state_of(c.client); // the first until the end is acknowledged
    check("half closed", half == TCP_FIN_WAIT1 || half == TCP_FIN_WAIT2);
    gives("its other end", state_of(c.server), TCP_CLOSE_WAIT);
    struct tcp_info info = {0};
    socklen_t size = sizeof(info);
    getsockopt(c.server, IPPROTO_TCP, TCP_INFO, &info, &size);
    check("figures", info.tcpi_snd_mss > 500 && info.tcpi_snd_cwnd > 0 && info.tcpi_rto > 0);
    close(c.client);
    close(c.server);
    close(listening);
    close(fresh);
}

int main(void) {
    test_crowd();
    test_full_backlog();
    test_sharing();
    test_no_descriptor();
    test_states();
    return report();
}
