// Bytes through TCP: flags, vectors, flow control, epoll's edges.
#include "check.h"

static void test_flags(struct connection c) {
    char bytes[64] = {0};
    int waiting = 0;
    write(c.client, "hello world", 11);
    await(c.server, POLLIN);
    show_events("with data", c.server);
    check("FIONREAD", ioctl(c.server, FIONREAD, &waiting) == 0 && waiting == 11);
    gives("MSG_PEEK", recv(c.server, bytes, 5, MSG_PEEK), 5);
    gives("the same again", recv(c.server, bytes, 5, 0), 5);
    check("the bytes", memcmp(bytes, "hello", 5) == 0);
    gives("MSG_TRUNC drops", recv(c.server, bytes, 3, MSG_TRUNC), 3);
    gives("the rest", recv(c.server, bytes, 64, 0), 3);
    fails("MSG_DONTWAIT", recv(c.server, bytes, 1, MSG_DONTWAIT), EAGAIN);
    fails("MSG_OOB", recv(c.server, bytes, 1, MSG_OOB), EINVAL);
    struct sockaddr_in from;
    socklen_t size = sizeof(from);
    write(c.client, "q", 1);
    await(c.server, POLLIN);
    gives("recvfrom", recvfrom(c.server, bytes, 1, 0, (struct sockaddr*)&from, &size), 1);
    gives("no address for a stream", size, 0);
    struct iovec out[3] = {{"ab", 2}, {"", 0}, {"cde", 3}};
    struct iovec in[2] = {{bytes, 1}, {bytes + 10, 10}};
    gives("writev", writev(c.client, out, 3), 5);
    await(c.server, POLLIN);
    gives("readv", readv(c.server, in, 2), 5);
    check("its bytes", bytes[0] == 'a' && memcmp(bytes + 10, "bcde", 4) == 0);
    gives("MSG_MORE", send(c.client, "x", 1, MSG_MORE), 1);
    gives("the end of it", send(c.client, "y", 1, 0), 1);
    gives("MSG_WAITALL", recv(c.server, bytes, 2, MSG_WAITALL), 2);
    gives("a read of nothing", read(c.server, bytes, 0), 0);
    gives("a write of nothing", write(c.server, bytes, 0), 0);
    struct timeval timeout = {0, 20000};
    setsockopt(c.server, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    fails("SO_RCVTIMEO", read(c.server, bytes, 1), EAGAIN);
    timeout.tv_usec = 0;
    setsockopt(c.server, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
}

enum { total = 4000000 };

static unsigned char pattern(long at) {
    return (unsigned char)(at * 7 >> 3);
}

static void* echo(void* argument) {
    const int fd = *(int*)argument;
    static char bytes[10000];
    for (;;) {
        const ssize_t size = read(fd, bytes, sizeof(bytes));
        if (size <= 0)
            break;
        if (write(fd, bytes, (size_t)size) != size)
            return NULL;
    }
    shutdown(fd, SHUT_WR);
    return argument;
}

static long send_part(int fd, long sent) {
    static char bytes[65536];
    const long size = total - sent < (long)sizeof(bytes) ? total - sent : (long)sizeof(bytes);
    for (long i = 0; i < size; ++i)
        bytes[i] = (char)pattern(sent + i);
    const ssize_t done = write(fd, bytes, (size_t)size);
    return done > 0 ? done : 0;
}

static long take_part(int fd, long got, long* wrong) {
    static char bytes[65536];
    const ssize_t size = read(fd, bytes, sizeof(bytes));
    for (ssize_t i = 0; i < size; ++i)
        *wrong += (unsigned char)bytes[i] != pattern(got + i);
    return size > 0 ? size : 0;
}

static void test_echo(struct connection c) {
    pthread_t thread;
    long sent = 0, got = 0, wrong = 0;
    pthread_create(&thread, NULL, echo, &c.server);
    fcntl(c.client, F_SETFL, O_NONBLOCK);
    while (got < total) {
        struct pollfd entry = {c.client, (short)(POLLIN | (sent < total ? POLLOUT : 0)), 0};
        if (poll(&entry, 1, 20000) <= 0)
            break;
        if (entry.revents & POLLOUT)
            sent += send_part(c.client, sent);
        if (entry.revents & POLLIN)
            got += take_part(c.client, got, &wrong);
    }
    shutdown(c.client, SHUT_WR);
    void* result = NULL;
    pthread_join(thread, &result);
    check("four million bytes there and back", got == total && wrong == 0 && result != NULL);
}

// A reader that does not read: writing ends with EAGAIN, and poll tells when it goes on.
static void test_full(struct connection c) {
    static char bytes[65536];
    long sent = 0, got = 0;
    fcntl(c.client, F_SETFL, O_NONBLOCK);
    for (;;) {
        const ssize_t done = write(c.client, bytes, sizeof(bytes));
        if (done < 0)
            break;
        sent += done;
    }
    check("a full connection", errno == EAGAIN && sent > 65536);
    check("no POLLOUT", (events_of(c.client) & POLLOUT) == 0);
    while (got < sent) {
        const ssize_t size = read(c.server, bytes, sizeof(bytes));
        if (size <= 0)
            break;
        got += size;
    }
    gives("all of it arrives", got - sent, 0);
    await(c.client, POLLOUT);
    check("POLLOUT again", (events_of(c.client) & POLLOUT) != 0);
}

static void edge(const char* name, int epoll) {
    struct epoll_event event = {0};
    const int count = epoll_wait(epoll, &event, 1, 5000);
    printf("%s: %d, events %x\n", name, count, event.events);
}

static void test_edges(int listening) {
    struct connection c = connection_to(listening);
    const int epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET};
    epoll_ctl(epoll, EPOLL_CTL_ADD, c.server, &event);
    edge("first", epoll);
    gives("no edge without news", epoll_wait(epoll, &event, 1, 0), 0);
    write(c.client, "1", 1);
    edge("data", epoll);
    gives("no edge for old data", epoll_wait(epoll, &event, 1, 0), 0);
    write(c.client, "2", 1);
    edge("more data", epoll);
    close(c.client);
    edge("the end", epoll);
    close(c.server);
    close(epoll);
}

int main(void) {
    const int listening = listener();
    struct connection c = connection_to(listening);
    test_flags(c);
    test_echo(c);
    close(c.client);
    close(c.server);
    c = connection_to(listening);
    test_full(c);
    close(c.client);
    close(c.server);
    test_edges(listening);
    return report();
}
