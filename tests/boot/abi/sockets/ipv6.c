// IPv6 sockets, alone and for both versions.
#include "check.h"

static void show_address(const char* name, const struct sockaddr_in6* address) {
    char text[64];
    printf("%s: %s\n", name, inet_ntop(AF_INET6, &address->sin6_addr, text, sizeof(text)));
}

static int listener6(int only_v6, struct sockaddr_in6* name) {
    const int fd = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in6 any = {.sin6_family = AF_INET6};
    socklen_t size = sizeof(*name);
    set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, only_v6);
    check("listener for IPv6", bind(fd, ADDRESS(any)) == 0 && listen(fd, 4) == 0 &&
                                   getsockname(fd, (struct sockaddr*)name, &size) == 0);
    gives("size of its name", size, sizeof(*name));
    return fd;
}

static void test_both(void) {
    struct sockaddr_in6 name, peer;
    socklen_t size = sizeof(peer);
    const int listening = listener6(0, &name);
    struct sockaddr_in four = loopback(ntohs(name.sin6_port));
    int client = socket(AF_INET, SOCK_STREAM, 0);
    gives("IPv4 reaches it", connect(client, ADDRESS(four)), 0);
    int server = accept(listening, (struct sockaddr*)&peer, &size);
    show_address("peer", &peer);
    size = sizeof(peer);
    getsockname(server, (struct sockaddr*)&peer, &size);
    show_address("own", &peer);
    close(client);
    close(server);

    client = socket(AF_INET6, SOCK_STREAM, 0);
    name.sin6_addr = in6addr_loopback;
    gives("IPv6 reaches it", connect(client, ADDRESS(name)), 0);
    size = sizeof(peer);
    server = accept(listening, (struct sockaddr*)&peer, &size);
    show_address("peer", &peer);
    char bytes[8];
    write(client, "six", 3);
    gives("bytes arrive", recv(server, bytes, 3, MSG_WAITALL), 3);
    close(client);
    close(server);
    close(listening);
}

static void test_alone(void) {
    struct sockaddr_in6 name;
    const int listening = listener6(1, &name);
    struct sockaddr_in four = loopback(ntohs(name.sin6_port));
    const int client = socket(AF_INET, SOCK_STREAM, 0), other = socket(AF_INET, SOCK_STREAM, 0);
    fails("IPv4 does not reach it", connect(client, ADDRESS(four)), ECONNREFUSED);
    four.sin_addr.s_addr = INADDR_ANY;
    gives("IPv4 may have the same port", bind(other, ADDRESS(four)), 0);
    gives("and listen on it", listen(other, 1), 0);
    close(client);
    close(other);
    close(listening);
}

static void test_datagrams(void) {
    const int receiver = socket(AF_INET6, SOCK_DGRAM, 0), sender = socket(AF_INET6, SOCK_DGRAM, 0);
    struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback}, from;
    socklen_t size = sizeof(name);
    char bytes[8];
    bind(receiver, ADDRESS(name));
    getsockname(receiver, (struct sockaddr*)&name, &size);
    gives("sendto", sendto(sender, "u6", 2, 0, ADDRESS(name)), 2);
    size = sizeof(from);
    gives("recvfrom", recvfrom(receiver, bytes, 8, 0, (struct sockaddr*)&from, &size), 2);
    show_address("sender", &from);
    close(receiver);
    close(sender);
}

int main(void) {
    test_both();
    test_alone();
    test_datagrams();
    return report();
}
