// Connections that have ended before anybody accepts them: accept() still gives them, and says
// whose they were.
#include "check.h"

enum { reset, closed, kinds };

static void end(int fd, int how) {
    const struct linger none = {.l_onoff = how == reset};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(fd);
}

// The value or the error is printed, so that host and guest are compared.
static void show(const char* name, long result) {
    printf("%s: %ld, error %d\n", name, result, result < 0 ? errno : 0);
}

static void accept_one(int listening, const void* expected, socklen_t expected_size) {
    struct sockaddr_storage from = {0};
    socklen_t size = sizeof from;
    char byte;
    await(listening, POLLIN);
    const int server = accept(listening, (struct sockaddr*)&from, &size);
    check("accepted", server >= 0);
    gives("size of the address", size, expected_size);
    check("the address", memcmp(&from, expected, expected_size) == 0);
    await(server, POLLIN);
    show("read", read(server, &byte, 1));
    size = sizeof from;
    show("getpeername", getpeername(server, (struct sockaddr*)&from, &size));
    close(server);
}

static void test_inet(int how) {
    const int listening = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in any = loopback(0);
    bind(listening, ADDRESS(any));
    listen(listening, 4);
    struct sockaddr_in name = name_of(listening);
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    gives("connect", connect(client, ADDRESS(name)), 0);
    struct sockaddr_in mine = name_of(client);
    end(client, how);
    accept_one(listening, &mine, sizeof mine);
    close(listening);
}

static void test_inet6(int how) {
    const int listening = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT}, mine;
    socklen_t size = sizeof name;
    bind(listening, ADDRESS(name));
    listen(listening, 4);
    getsockname(listening, (struct sockaddr*)&name, &size);
    const int client = socket(AF_INET6, SOCK_STREAM, 0);
    gives("connect", connect(client, ADDRESS(name)), 0);
    getsockname(client, (struct sockaddr*)&mine, &size);
    end(client, how);
    accept_one(listening, &mine, sizeof mine);
    close(listening);
}

static void test_unix(void) {
    const int listening = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "\0server"};
    struct sockaddr_un mine = {.sun_family = AF_UNIX, .sun_path = "\0client"};
    const socklen_t size = offsetof(struct sockaddr_un, sun_path) + 7;
    bind(listening, (struct sockaddr*)&name, size);
    listen(listening, 4);
    const int client = socket(AF_UNIX, SOCK_STREAM, 0);
    bind(client, (struct sockaddr*)&mine, size);
    gives("connect", connect(client, (struct sockaddr*)&name, size), 0);
    close(client);
    accept_one(listening, &mine, size);
    close(listening);
}

int main(void) {
    for (int how = reset; how < kinds; ++how) {
        test_inet(how);
        test_inet6(how);
    }
    test_unix();
    return failures;
}
