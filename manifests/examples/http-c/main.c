/* A small web server: one thread, epoll, keep-alive. Usage: http-c PORT FOLDER */
#define _GNU_SOURCE
#include "server.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static volatile sig_atomic_t stopping;

static void stop(int signal) {
    (void)signal;
    stopping = 1;
}

static int listen_on(unsigned port) {
    int on = 1;
    int off = 0;
    int listener = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0 ||
        bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 512) != 0) {
        perror("listen");
        exit(1);
    }
    return listener;
}

static void accept_all(int epoll, int listener) {
    for (;;) {
        int on = 1;
        int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (client < 0)
            return;
        struct connection *c = calloc(1, sizeof *c);
        struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = c};
        if (c == NULL || epoll_ctl(epoll, EPOLL_CTL_ADD, client, &event) != 0) {
            free(c);
            close(client);
            return;
        }
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        c->socket = client;
    }
}

/* 1: all is sent; 0: the socket is full; -1: the client is gone. */
static int flush(struct connection *c) {
    while (c->response_sent < c->response_length || c->body_sent < c->body_length) {
        struct iovec parts[2] = {
            {c->response + c->response_sent, c->response_length - c->response_sent},
            {(char *)c->body + c->body_sent, c->body_length - c->body_sent}};
        ssize_t sent = writev(c->socket, parts, 2);
        if (sent < 0)
            return errno == EAGAIN ? 0 : -1;
        size_t head = parts[0].iov_len < (size_t)sent ? parts[0].iov_len : (size_t)sent;
        c->response_sent += head;
        c->body_sent += (size_t)sent - head;
    }
    c->response_length = c->response_sent = c->body_length = c->body_sent = 0;
    return 1;
}

/* Answers what has come and sends what can go; 0 when the connection is over. */
static int serve(struct connection *c) {
    for (;;) {
        int sent = flush(c);
        if (sent < 0 || (sent == 1 && c->close_after))
            return 0;
        if (sent == 0)
            return 1;
        size_t used = http_answer(c);
        if (used > 0) {
            c->request_length -= used;
            memmove(c->request, c->request + used, c->request_length);
            continue;
        }
        ssize_t got = read(c->socket, c->request + c->request_length,
                           REQUEST_LIMIT - c->request_length);
        if (got == 0 || (got < 0 && errno != EAGAIN))
            return 0;
        if (got < 0)
            return 1;
        c->request_length += (size_t)got;
    }
}

/* Waits for room to send while something is unsent, for requests otherwise. */
static void watch(int epoll, struct connection *c) {
    int waiting = c->response_length > 0 || c->body_length > 0;
    if (waiting == c->waiting)
        return;
    c->waiting = waiting;
    struct epoll_event event = {.events = waiting ? EPOLLOUT : EPOLLIN | EPOLLRDHUP, .data.ptr = c};
    epoll_ctl(epoll, EPOLL_CTL_MOD, c->socket, &event);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: %s PORT FOLDER\n", argv[0]);
        return 2;
    }
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    pages_load(argv[2]);
    int listener = listen_on((unsigned)atoi(argv[1]));
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0) {
        perror("epoll");
        return 1;
    }
    printf("serving %s on port %s\n", argv[2], argv[1]);
    fflush(stdout);
    while (!stopping) {
        struct epoll_event events[64];
        int count = epoll_wait(epoll, events, 64, -1);
        for (int i = 0; i < count; i++) {
            struct connection *c = events[i].data.ptr;
            if (c == NULL) {
                accept_all(epoll, listener);
            } else if (serve(c)) {
                watch(epoll, c);
            } else {
                close(c->socket);
                free(c);
            }
        }
    }
    printf("%lu requests served\n", requests_served);
    return 0;
}
