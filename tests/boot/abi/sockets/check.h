// What the tests of sockets share. Nothing sleeps: what the other end does is waited for with poll.
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#define ALL_EVENTS (POLLIN | POLLOUT | POLLRDHUP | POLLPRI | POLLRDNORM | POLLWRNORM)

static int failures;

static inline void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}

// A call that succeeds with this value.
static inline void gives(const char* name, long result, long wanted) {
    if (result != wanted)
        printf("%s: %ld (errno %d), expected %ld\n", name, result, errno, wanted);
    check(name, result == wanted);
}

static inline void fails(const char* name, long result, int error) {
    if (result != -1 || errno != error)
        printf("%s: %ld (errno %d), expected errno %d\n", name, result, errno, error);
    check(name, result == -1 && errno == error);
}

static inline unsigned events_of(int fd) {
    struct pollfd entry = {fd, ALL_EVENTS, 0};
    poll(&entry, 1, 0);
    return (unsigned short)entry.revents;
}

// Waits until these events are there; the full mask is then what it is.
static inline void await(int fd, int events) {
    struct pollfd entry = {fd, (short)events, 0};
    if (poll(&entry, 1, 5000) != 1)
        printf("nothing happens on descriptor %d\n", fd);
}

// The mask is printed, so that host and guest are compared.
static inline void show_events(const char* name, int fd) {
    printf("%s: events %x\n", name, events_of(fd));
}

static inline int option(int fd, int level, int name) {
    int value = -1;
    socklen_t size = sizeof(value);
    return getsockopt(fd, level, name, &value, &size) == 0 ? value : -errno;
}

static inline void set_option(int fd, int level, int name, int value) {
    if (setsockopt(fd, level, name, &value, sizeof(value)) != 0)
        check("setsockopt", 0);
}

static inline struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static inline struct sockaddr_in name_of(int fd) {
    struct sockaddr_in name = {0};
    socklen_t size = sizeof(name);
    getsockname(fd, (struct sockaddr*)&name, &size);
    return name;
}

#define ADDRESS(a) ((struct sockaddr*)&(a)), sizeof(a)

// A listener on a port of its own.
static inline int listener(void) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in any = loopback(0);
    check("listener", bind(fd, ADDRESS(any)) == 0 && listen(fd, 16) == 0);
    return fd;
}

struct connection {
    int client;
    int server;
};

static inline struct connection connection_to(int listening) {
    struct sockaddr_in name = name_of(listening);
    struct connection out = {socket(AF_INET, SOCK_STREAM, 0), -1};
    if (connect(out.client, ADDRESS(name)) != 0)
        check("connection", 0);
    out.server = accept(listening, NULL, NULL);
    return out;
}

static inline int report(void) {
    puts(failures == 0 ? "all ok" : "some failed");
    return failures != 0;
}
