// Unix sockets with names: paths and abstract ones.
#include "check.h"

static void test_path(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX}, name;
    socklen_t size = sizeof(name);
    char folder[] = "/tmp/abi-XXXXXX", bytes[8];
    check("scratch folder", mkdtemp(folder) != NULL && chdir(folder) == 0);
    strcpy(address.sun_path, "socket");
    const int listening = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0),
              other = socket(AF_UNIX, SOCK_STREAM, 0), datagram = socket(AF_UNIX, SOCK_DGRAM, 0);
    fails("listen without a name", listen(listening, 1), EINVAL);
    fails("connect to a name that is not there", connect(client, ADDRESS(address)), ENOENT);
    gives("bind", bind(listening, ADDRESS(address)), 0);
    fails("connect before listen", connect(client, ADDRESS(address)), ECONNREFUSED);
    gives("listen", listen(listening, 2), 0);
    gives("connect", connect(client, ADDRESS(address)), 0);
    show_events("listener with a connection", listening);
    const int server = accept(listening, (struct sockaddr*)&name, &size);
    check("accept", server >= 0 && size == 2);
    size = sizeof(name);
    check("getpeername", getpeername(client, (struct sockaddr*)&name, &size) == 0 &&
                             strcmp(name.sun_path, "socket") == 0 && size == 2 + 7);
    struct stat status;
    check("the name is a socket", stat("socket", &status) == 0 && S_ISSOCK(status.st_mode));
    fails("bind to the same name", bind(other, ADDRESS(address)), EADDRINUSE);
    fails("a socket of another type", connect(datagram, ADDRESS(address)), EPROTOTYPE);
    write(client, "un", 2);
    gives("bytes arrive", read(server, bytes, 8), 2);
    close(listening);
    fails("connect after close", connect(other, ADDRESS(address)), ECONNREFUSED);
    gives("unlink", unlink("socket"), 0);
    gives("the connection lives on", write(server, "x", 1), 1);
    rmdir(folder);
}

static void test_abstract(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX}, from;
    socklen_t from_size = sizeof(from);
    char bytes[8];
    const int length = snprintf(address.sun_path + 1, 40, "unik-abi-%d", (int)getpid());
    const socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
    struct sockaddr* name = (struct sockaddr*)&address;
    const int receiver = socket(AF_UNIX, SOCK_DGRAM, 0), sender = socket(AF_UNIX, SOCK_DGRAM, 0);
    gives("bind", bind(receiver, name, size), 0);
    fails("bind to the same name", bind(sender, name, size), EADDRINUSE);
    gives("sendto", sendto(sender, "dg", 2, 0, name, size), 2);
    gives("recvfrom", recvfrom(receiver, bytes, 8, 0, (struct sockaddr*)&from, &from_size), 2);
    gives("a sender without a name", from_size, 0);
    gives("connect", connect(sender, name, size), 0);
    gives("send", send(sender, "dg2", 3, 0), 3);
    gives("recv", recv(receiver, bytes, 8, 0), 3);
    close(receiver);
    fails("send to a closed socket", send(sender, "x", 1, 0), ECONNREFUSED);
    fails("and once more", send(sender, "x", 1, 0), ENOTCONN);
    close(sender);
}

int main(void) {
    test_path();
    test_abstract();
    return report();
}
