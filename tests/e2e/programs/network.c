/* The guest's side of network_test.py.
 *
 *     network tcp PORT...     a thread for each client; its first line says what it wants:
 *         SINK                takes all to the end, then answers "LENGTH SUM"
 *         SOURCE LENGTH       sends a file of that length with sendfile()
 *         ECHO                sends back what comes
 *         MEMORY              answers with the bytes that are free
 *     network udp PORT        sends each datagram back, "quit" ends
 *     network out HOST PORT   connects, sends a line, prints the answer
 *     network loopback6       talks to itself over ::1
 *     network files           prints what the network configuration became
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <unistd.h>

static void require(int fine, const char* what) {
    if (!fine) {
        perror(what);
        exit(1);
    }
}

static int send_all(int socket, const char* data, size_t size) {
    while (size > 0) {
        const ssize_t sent = send(socket, data, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return -1;
        data += sent;
        size -= (size_t)sent;
    }
    return 0;
}

static void sink(int socket) {
    static const size_t k_size = 65536;
    unsigned char* block = malloc(k_size);
    unsigned long length = 0, sum = 1;
    char answer[64];
    for (ssize_t got; block != NULL && (got = read(socket, block, k_size)) > 0; length += got)
        for (ssize_t i = 0; i < got; i++)
            sum = (sum * 31 + block[i]) & 0xffffffff;
    free(block);
    const int size = snprintf(answer, sizeof answer, "%lu %lu\n", length, sum);
    send_all(socket, answer, (size_t)size);
}

static void make_file(int file, size_t length) {
    uint32_t block[4096];
    for (size_t at = 0; at < length; at += sizeof block) {
        for (size_t i = 0; i < 4096; i++)
            block[i] = (uint32_t)(at / 4 + i) * 2654435761U;
        require(write(file, block, sizeof block) == sizeof block, "write");
    }
    require(ftruncate(file, (off_t)length) == 0, "ftruncate");
}

static void source(int socket, size_t length) {
    char name[] = "/tmp/source-XXXXXX";
    const int file = mkstemp(name);
    require(file >= 0 && unlink(name) == 0, name);
    make_file(file, length);
    off_t at = 0;
    while (at < (off_t)length && sendfile(socket, file, &at, length - (size_t)at) > 0)
        ;
    close(file);
}

static void echo(int socket) {
    char block[4096];
    for (ssize_t got; (got = read(socket, block, sizeof block)) > 0;)
        if (send_all(socket, block, (size_t)got) != 0)
            return;
}

static void memory(int socket) {
    struct sysinfo info;
    char answer[32];
    sysinfo(&info);
    const int size = snprintf(answer, sizeof answer, "%lu\n", info.freeram);
    send_all(socket, answer, (size_t)size);
}

static void* serve(void* argument) {
    const int socket = (int)(intptr_t)argument;
    char line[64];
    size_t size = 0;
    while (size + 1 < sizeof line && read(socket, line + size, 1) == 1 && line[size] != '\n')
        size++;
    line[size] = '\0';
    if (strcmp(line, "SINK") == 0)
        sink(socket);
    else if (strncmp(line, "SOURCE ", 7) == 0)
        source(socket, strtoul(line + 7, NULL, 10));
    else if (strcmp(line, "ECHO") == 0)
        echo(socket);
    else if (strcmp(line, "MEMORY") == 0)
        memory(socket);
    close(socket);
    return NULL;
}

static int bound(int type, int port) {
    const int on = 1;
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    const int out = socket(AF_INET6, type, 0);
    require(out >= 0, "socket");
    setsockopt(out, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    require(bind(out, (struct sockaddr*)&address, sizeof address) == 0, "bind");
    return out;
}

static void tcp(int count, char** ports) {
    struct pollfd listeners[8];
    pthread_attr_t detached;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    for (int i = 0; i < count && i < 8; i++) {
        listeners[i] = (struct pollfd){bound(SOCK_STREAM, atoi(ports[i])), POLLIN, 0};
        require(listen(listeners[i].fd, 128) == 0, "listen");
    }
    while (poll(listeners, (nfds_t)count, -1) > 0)
        for (int i = 0; i < count; i++) {
            pthread_t thread;
            if ((listeners[i].revents & POLLIN) == 0)
                continue;
            const int client = accept(listeners[i].fd, NULL, NULL);
            if (client >= 0 &&
                pthread_create(&thread, &detached, &serve, (void*)(intptr_t)client) != 0)
                close(client);
        }
}

static void udp(int port) {
    static char block[65536];
    const int server = bound(SOCK_DGRAM, port);
    for (;;) {
        struct sockaddr_storage from;
        socklen_t size = sizeof from;
        const ssize_t got =
            recvfrom(server, block, sizeof block, 0, (struct sockaddr*)&from, &size);
        require(got >= 0, "recvfrom");
        if (got == 4 && memcmp(block, "quit", 4) == 0)
            return;
        require(sendto(server, block, (size_t)got, 0, (struct sockaddr*)&from, size) == got,
                "sendto");
    }
}

static void out(const char* host, const char* port) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    char answer[256];
    require(getaddrinfo(host, port, &hints, &found) == 0, "getaddrinfo");
    int client = -1, connected = -1;
    /* An IPv6 address comes a moment after the start, when a router has answered. */
    for (int tries = 0; tries < 200 && connected != 0; tries++) {
        close(client);
        client = socket(found->ai_family, SOCK_STREAM, 0);
        connected = connect(client, found->ai_addr, found->ai_addrlen);
        if (connected != 0 && errno == ENETUNREACH)
            poll(NULL, 0, 50);
    }
    require(connected == 0, "connect");
    require(send_all(client, "from the guest\n", 15) == 0, "send");
    const ssize_t got = read(client, answer, sizeof answer);
    require(got > 0, "read");
    fwrite(answer, 1, (size_t)got, stdout);
}

static void loopback6(void) {
    char block[16] = "";
    struct sockaddr_in6 address;
    socklen_t size = sizeof address;
    const int server = bound(SOCK_STREAM, 0);
    require(listen(server, 1) == 0, "listen");
    getsockname(server, (struct sockaddr*)&address, &size);
    address.sin6_addr = in6addr_loopback;
    const int client = socket(AF_INET6, SOCK_STREAM, 0);
    require(connect(client, (struct sockaddr*)&address, sizeof address) == 0, "connect");
    const int accepted = accept(server, (struct sockaddr*)&address, &size);
    require(accepted >= 0 && IN6_IS_ADDR_LOOPBACK(&address.sin6_addr), "accept");
    require(send_all(accepted, "hello over ::1", 14) == 0, "send");
    require(recv(client, block, 14, MSG_WAITALL) == 14, "recv");
    puts(block);
}

static void print_file(const char* path) {
    char block[1024];
    const int file = open(path, O_RDONLY);
    require(file >= 0, path);
    for (ssize_t got; (got = read(file, block, sizeof block)) > 0;)
        fwrite(block, 1, (size_t)got, stdout);
    close(file);
}

static void files(void) {
    char name[256];
    require(gethostname(name, sizeof name) == 0, "gethostname");
    printf("host name %s\n", name);
    print_file("/etc/hosts");
    print_file("/etc/resolv.conf");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};
    socklen_t size = sizeof address;
    const int probe = socket(AF_INET, SOCK_DGRAM, 0);
    inet_pton(AF_INET, "10.0.2.2", &address.sin_addr);
    require(connect(probe, (struct sockaddr*)&address, size) == 0, "connect");
    require(getsockname(probe, (struct sockaddr*)&address, &size) == 0, "getsockname");
    printf("our address %s\n", inet_ntop(AF_INET, &address.sin_addr, name, sizeof name));
}

int main(int argc, char** argv) {
    const char* what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "tcp") == 0)
        tcp(argc - 2, argv + 2);
    else if (strcmp(what, "udp") == 0 && argc == 3)
        udp(atoi(argv[2]));
    else if (strcmp(what, "out") == 0 && argc == 4)
        out(argv[2], argv[3]);
    else if (strcmp(what, "loopback6") == 0)
        loopback6();
    else if (strcmp(what, "files") == 0)
        files();
    else
        return 2;
    return 0;
}
