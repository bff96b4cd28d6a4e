// An HTTP server for mixed loads: small answers (/), a large one (/big), large requests (POST), and
// what memory is free (/status). One thread, epoll; connections stay open until the client ends
// them.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <unistd.h>

enum { period = 1000003, head_size = 4096, most_descriptors = 4096 };

// The large body: this, again and again.
static unsigned char pattern[period];

struct connection {
    int fd;
    uint32_t events;
    char head[head_size];
    size_t head_filled;
    long body_left;     // of the request
    uint32_t low, high; // Adler-32 of it (RFC 1950)
    long body_size;
    int taking_body;
    char out[512];
    size_t out_size, out_sent;
    long big_left, big_sent;
    int closing;
};

static struct connection* connections[most_descriptors];
static int epoll;
static long big_size = 64L << 20;

static void watch(struct connection* c, uint32_t events) {
    if (c->events == events)
        return;
    struct epoll_event event = {.events = events, .data.fd = c->fd};
    c->events = events;
    epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event);
}

static void end(struct connection* c) {
    connections[c->fd] = NULL;
    close(c->fd);
    free(c);
}

static void answer(struct connection* c, const char* body) {
    c->out_size =
        (size_t)snprintf(c->out, sizeof(c->out), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s",
                         strlen(body), body);
    c->out_sent = 0;
}

static void answer_status(struct connection* c) {
    struct sysinfo info;
    char body[64];
    sysinfo(&info);
    snprintf(body, sizeof(body), "{\"free\": %lu}\n", info.freeram * info.mem_unit);
    answer(c, body);
}

static void answer_big(struct connection* c) {
    c->out_size = (size_t)snprintf(c->out, sizeof(c->out),
                                   "HTTP/1.1 200 OK\r\nContent-Length: %ld\r\n\r\n", big_size);
    c->out_sent = 0;
    c->big_left = big_size;
    c->big_sent = 0;
}

static void answer_upload(struct connection* c) {
    char body[64];
    snprintf(body, sizeof(body), "%ld %u\n", c->body_size, c->high << 16 | c->low);
    c->taking_body = 0;
    answer(c, body);
}

// False when nothing can be sent for now, or the connection is gone.
static int send_out(struct connection* c) {
    while (c->out_sent < c->out_size || c->big_left > 0) {
        ssize_t sent;
        if (c->out_sent < c->out_size) {
            sent = send(c->fd, c->out + c->out_sent, c->out_size - c->out_sent, MSG_NOSIGNAL);
            c->out_sent += sent > 0 ? (size_t)sent : 0;
        } else {
            const long at = c->big_sent % period;
            const long rest = period - at < c->big_left ? period - at : c->big_left;
            sent = send(c->fd, pattern + at, (size_t)rest, MSG_NOSIGNAL);
            c->big_sent += sent > 0 ? sent : 0;
            c->big_left -= sent > 0 ? sent : 0;
        }
        if (sent >= 0)
            continue;
        if (errno == EAGAIN)
            watch(c, EPOLLOUT);
        else
            end(c);
        return 0;
    }
    return 1;
}

static void sum(struct connection* c, const unsigned char* bytes, size_t size) {
    while (size > 0) {
        const size_t run = size < 5552 ? size : 5552; // before 32 bits overflow
        for (size_t i = 0; i < run; ++i) {
            c->low += bytes[i];
            c->high += c->low;
        }
        c->low %= 65521;
        c->high %= 65521;
        bytes += run;
        size -= run;
    }
}

static void take_request(struct connection* c) {
    const char* length = strcasestr(c->head, "\r\nContent-Length:");
    if (strncmp(c->head, "POST ", 5) == 0 && length != NULL) {
        c->body_size = c->body_left = atol(length + 17);
        c->low = 1;
        c->high = 0;
        c->taking_body = 1;
    } else if (strncmp(c->head, "GET /big ", 9) == 0) {
        answer_big(c);
    } else if (strncmp(c->head, "GET /status ", 12) == 0) {
        answer_status(c);
    } else {
        answer(c, "hello from a small kernel\n");
    }
}

// Uses up what is in the buffer; false when the connection is busy or gone.
static int work(struct connection* c) {
    for (;;) {
        if (!send_out(c))
            return 0;
        if (c->taking_body) {
            const size_t part =
                c->body_left < (long)c->head_filled ? (size_t)c->body_left : c->head_filled;
            sum(c, (unsigned char*)c->head, part);
            c->body_left -= (long)part;
            c->head_filled -= part;
            memmove(c->head, c->head + part, c->head_filled);
            if (c->body_left > 0)
                return 1;
            answer_upload(c);
            continue;
        }
        c->head[c->head_filled] = '\0';
        char* stop = strstr(c->head, "\r\n\r\n");
        if (stop == NULL)
            return 1;
        stop[2] = '\0';
        take_request(c);
        const size_t used = (size_t)(stop + 4 - c->head);
        c->head_filled -= used;
        memmove(c->head, c->head + used, c->head_filled);
    }
}

static void take_bytes(struct connection* c) {
    static unsigned char bytes[65536];
    while (c->taking_body && c->head_filled == 0) {
        const size_t most =
            c->body_left < (long)sizeof(bytes) ? (size_t)c->body_left : sizeof(bytes);
        const ssize_t got = read(c->fd, bytes, most);
        if (got <= 0) {
            if (got == 0 || errno != EAGAIN)
                end(c);
            return;
        }
        sum(c, bytes, (size_t)got);
        c->body_left -= got;
        if (c->body_left == 0)
            answer_upload(c);
    }
    if (!work(c))
        return;
    const ssize_t got = read(c->fd, c->head + c->head_filled, sizeof(c->head) - 1 - c->head_filled);
    if (got > 0) {
        c->head_filled += (size_t)got;
        work(c);
    } else if (got == 0 || errno != EAGAIN) {
        end(c);
    }
}

static void accept_all(int listener) {
    for (;;) {
        const int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (fd < 0)
            return;
        struct connection* c = fd < most_descriptors ? calloc(1, sizeof(*c)) : NULL;
        if (c == NULL) {
            close(fd);
            continue;
        }
        const int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        c->fd = fd;
        c->events = EPOLLIN;
        connections[fd] = c;
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    }
}

int main(int count, char** arguments) {
    struct sockaddr_in any = {.sin_family = AF_INET};
    socklen_t size = sizeof(any);
    any.sin_port = htons((unsigned short)(count > 1 ? atoi(arguments[1]) : 8080));
    for (long i = 0; i < period; ++i)
        pattern[i] = (unsigned char)(((uint32_t)i * 2654435761U) >> 24);
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(listener, (struct sockaddr*)&any, sizeof(any)) != 0 || listen(listener, 511) != 0) {
        perror("listen");
        return 1;
    }
    getsockname(listener, (struct sockaddr*)&any, &size);
    printf("port %d\n", ntohs(any.sin_port));
    fflush(stdout);
    epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        struct epoll_event events[64];
        const int ready = epoll_wait(epoll, events, 64, -1);
        for (int i = 0; i < ready; ++i) {
            const int fd = events[i].data.fd;
            struct connection* c = connections[fd];
            if (fd == listener) {
                accept_all(listener);
            } else if (c != NULL && (events[i].events & EPOLLOUT) != 0) {
                if (send_out(c)) {
                    watch(c, EPOLLIN);
                    take_bytes(c);
                }
            } else if (c != NULL) {
                take_bytes(c);
            }
        }
    }
}
