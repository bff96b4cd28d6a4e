// Unix sockets in the forms that programs use beside plain streams: credentials, several messages,
// full queues, names of every form, files that are passed and never taken.
#include "check.h"

static socklen_t abstract(struct sockaddr_un* address, const char* text) {
    memset(address, 0, sizeof(*address));
    address->sun_family = AF_UNIX;
    const int length = snprintf(address->sun_path + 1, 60, "unik-%s-%d", text, (int)getpid());
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
}

static void test_autobind(void) {
    struct sockaddr_un name, short_name = {.sun_family = AF_UNIX};
    socklen_t size = sizeof(name);
    const int first = socket(AF_UNIX, SOCK_STREAM, 0), second = socket(AF_UNIX, SOCK_STREAM, 0);
    gives("bind to any name", bind(first, (struct sockaddr*)&short_name, sizeof(sa_family_t)), 0);
    gives("another", bind(second, (struct sockaddr*)&short_name, sizeof(sa_family_t)), 0);
    check("a name of five digits", getsockname(first, (struct sockaddr*)&name, &size) == 0 &&
                                       size == 8 && name.sun_path[0] == 0);
    fails("bind again", bind(first, ADDRESS(short_name)), EINVAL);
    struct sockaddr_in other = loopback(1);
    fails("another family", connect(first, ADDRESS(other)), EINVAL);
    fails("too long", bind(second, (struct sockaddr*)&name, 200), EINVAL);
    close(first);
    close(second);
}

static void test_names(void) {
    struct sockaddr_un address, name;
    const socklen_t length = abstract(&address, "names");
    socklen_t size = 4;
    const int listening = socket(AF_UNIX, SOCK_SEQPACKET, 0),
              client = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    bind(listening, (struct sockaddr*)&address, length);
    listen(listening, 4);
    connect(client, (struct sockaddr*)&address, length);
    const int server = accept(listening, NULL, NULL);
    memset(&name, 'z', sizeof(name));
    check("a short buffer gets a part, and the whole size",
          getsockname(server, (struct sockaddr*)&name, &size) == 0 && size == length &&
              name.sun_path[2] == 'z');
    size = sizeof(name);
    check("the peer of the accepted one has none",
          getpeername(server, (struct sockaddr*)&name, &size) == 0 && size == 2);
    fails("connect again", connect(client, (struct sockaddr*)&address, length), EISCONN);
    fails("listen when connected", listen(client, 1), EINVAL);
    struct sockaddr_un none = {.sun_family = AF_UNIX};
    fails("connect to an empty name", connect(server, (struct sockaddr*)&none, 2), EINVAL);
    fails("getpeername of a listener", getpeername(listening, (struct sockaddr*)&name, &size),
          ENOTCONN);
    fails("accept on a client", accept(client, NULL, NULL), EINVAL);
    fails("send on a listener", send(listening, "x", 1, MSG_NOSIGNAL), ENOTCONN);
    gives("an address counts for nothing",
          sendto(client, "x", 1, 0, (struct sockaddr*)&address, length), 1);
    close(client);
    close(server);
    close(listening);
}

static void test_full_backlog(void) {
    struct sockaddr_un address;
    const socklen_t length = abstract(&address, "backlog");
    const int listening = socket(AF_UNIX, SOCK_STREAM, 0);
    int clients[3];
    bind(listening, (struct sockaddr*)&address, length);
    listen(listening, 1);
    for (int i = 0; i < 3; ++i) {
        clients[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        errno = 0;
        const int result = connect(clients[i], (struct sockaddr*)&address, length);
        printf("connect %d: %d, errno %d\n", i, result, errno);
    }
    gives("data before it is accepted", write(clients[0], "early", 5), 5);
    close(listening);
    show_events("the listener is gone", clients[0]);
    char bytes[8];
    errno = 0;
    printf("read: %zd", read(clients[0], bytes, 8));
    printf(", errno %d\n", errno);
    for (int i = 0; i < 3; ++i)
        close(clients[i]);
}

static void test_credentials(int type) {
    int pair[2];
    struct ucred peer = {0}, *shown;
    socklen_t size = sizeof(peer);
    char byte, control[256] __attribute__((aligned(8)));
    struct iovec in = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &in, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
    socketpair(AF_UNIX, type, 0, pair);
    check("SO_PEERCRED", getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
                             size == sizeof(peer) && peer.pid == getpid() && peer.uid == getuid() &&
                             peer.gid == getgid());
    set_option(pair[1], SOL_SOCKET, SO_PASSCRED, 1);
    gives("send", send(pair[0], "c", 1, 0), 1);
    gives("recvmsg", recvmsg(pair[1], &message, 0), 1);
    struct cmsghdr* header = CMSG_FIRSTHDR(&message);
    shown = header == NULL ? NULL : (struct ucred*)CMSG_DATA(header);
    check("the sender's credentials", header != NULL && header->cmsg_type == SCM_CREDENTIALS &&
                                          header->cmsg_len == CMSG_LEN(sizeof(struct ucred)) &&
                                          shown->pid == getpid() && shown->uid == getuid() &&
                                          shown->gid == getgid());
    // Given by the sender itself.
    memset(control, 0, sizeof(control));
    struct iovec out = {"d", 1};
    struct msghdr sent = {.msg_iov = &out,
                          .msg_iovlen = 1,
                          .msg_control = control,
                          .msg_controllen = CMSG_SPACE(sizeof(struct ucred))};
    header = CMSG_FIRSTHDR(&sent);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_CREDENTIALS;
    header->cmsg_len = CMSG_LEN(sizeof(struct ucred));
    const struct ucred own = {getpid(), getuid(), getgid()};
    memcpy(CMSG_DATA(header), &own, sizeof(own));
    gives("with credentials", sendmsg(pair[0], &sent, 0), 1);
    message.msg_controllen = sizeof(control);
    gives("recvmsg", recvmsg(pair[1], &message, 0), 1);
    header->cmsg_len = CMSG_LEN(4);
    fails("half of them", sendmsg(pair[0], &sent, 0), EINVAL);
    close(pair[0]);
    close(pair[1]);
    const int alone = socket(AF_UNIX, type, 0);
    size = sizeof(peer);
    check("SO_PEERCRED without a peer",
          getsockopt(alone, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid == 0 &&
              peer.uid == (uid_t)-1);
    close(alone);
}

// Datagram sockets answer each other by name; a full queue holds up the sender.
static void test_datagrams(void) {
    struct sockaddr_un server, client, from;
    const socklen_t server_size = abstract(&server, "dgs"), client_size = abstract(&client, "dgc");
    socklen_t size = sizeof(from);
    char bytes[16];
    const int a = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0),
              b = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0),
              c = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    bind(a, (struct sockaddr*)&server, server_size);
    bind(b, (struct sockaddr*)&client, client_size);
    gives("sendto", sendto(b, "ask", 3, 0, (struct sockaddr*)&server, server_size), 3);
    gives("recvfrom", recvfrom(a, bytes, 16, 0, (struct sockaddr*)&from, &size), 3);
    check("its sender", size == client_size && memcmp(&from, &client, size) == 0);
    gives("the answer", sendto(a, "told", 4, 0, (struct sockaddr*)&from, size), 4);
    gives("arrives", recv(b, bytes, 16, 0), 4);
    gives("connect", connect(b, (struct sockaddr*)&server, server_size), 0);
    gives("connect the other", connect(a, (struct sockaddr*)&client, client_size), 0);
    fails("a stranger is refused", sendto(c, "x", 1, 0, (struct sockaddr*)&server, server_size),
          EPERM);
    fails("and cannot connect", connect(c, (struct sockaddr*)&server, server_size), EPERM);
    int sent = 0;
    while (send(b, "full", 4, 0) == 4 && sent < 100000)
        ++sent;
    check("a full queue", errno == EAGAIN && sent > 5 && sent < 100000);
    show_events("its sender", b);
    recv(a, bytes, 16, 0);
    while (recv(a, bytes, 16, 0) > 0)
        ;
    await(b, POLLOUT);
    show_events("its sender when it is empty", b);
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    gives("dissolve", connect(b, &none, sizeof(none)), 0);
    fails("no peer", send(b, "x", 1, 0), ENOTCONN);
    static char large[400000];
    int pair[2];
    socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
    fails("a message larger than the buffer", send(pair[0], large, sizeof(large), MSG_DONTWAIT),
          EMSGSIZE);
    close(pair[0]);
    close(pair[1]);
    close(a);
    close(b);
    close(c);
}

static int pass(int over, int fd) {
    char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = {0};
    struct iovec out = {"F", 1};
    struct msghdr message = {.msg_iov = &out,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof(control)};
    struct cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &fd, sizeof(fd));
    return (int)sendmsg(over, &message, 0);
}

static void test_passing(void) {
    int pair[2], ends[2];
    char byte, small[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
    struct iovec in = {&byte, 1};
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    pipe(ends);
    fails("a descriptor that is not open", pass(pair[0], 200), EBADF);
    // Not taken: closed when the message is read without room for it.
    gives("pass", pass(pair[0], ends[1]), 1);
    close(ends[1]);
    gives("a plain read", read(pair[1], &byte, 1), 1);
    gives("drops the file", read(ends[0], &byte, 1), 0);
    close(ends[0]);
    // Taken with close-on-exec, and cut off.
    pipe(ends);
    gives("pass", pass(pair[0], ends[1]), 1);
    struct msghdr message = {
        .msg_iov = &in, .msg_iovlen = 1, .msg_control = small, .msg_controllen = sizeof(small)};
    gives("recvmsg", recvmsg(pair[1], &message, MSG_CMSG_CLOEXEC), 1);
    int fd = -1;
    memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
    gives("close-on-exec", fcntl(fd, F_GETFD), FD_CLOEXEC);
    printf("flags %x\n", (unsigned)message.msg_flags & ~0x40000000U);
    close(fd);
    gives("pass", pass(pair[0], ends[1]), 1);
    message.msg_controllen = 8;
    gives("recvmsg without room", recvmsg(pair[1], &message, 0), 1);
    check("says so", (message.msg_flags & MSG_CTRUNC) != 0);
    close(ends[1]);
    gives("and drops it", read(ends[0], &byte, 1), 0);
    close(ends[0]);
    close(pair[0]);
    close(pair[1]);
}

// Sockets that hold themselves or each other in their queues go away all the same: the pipe that is
// passed with them ends.
static void test_cycles(void) {
    int pair[2], ends[2];
    char byte;
    pipe(ends);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    pass(pair[0], pair[0]);
    pass(pair[0], pair[1]);
    pass(pair[1], pair[0]);
    pass(pair[0], ends[1]);
    close(ends[1]);
    close(pair[0]);
    close(pair[1]);
    close(socket(AF_UNIX, SOCK_STREAM, 0)); // the system looks for such cycles now and then
    struct pollfd entry = {ends[0], POLLIN, 0};
    if (poll(&entry, 1, 5000) == 0)
        close(ends[0]);
    gives("the pipe ends", read(ends[0], &byte, 1), 0);
    close(ends[0]);
}

static void test_stream_flags(void) {
    int pair[2];
    char bytes[16];
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    write(pair[0], "abcdef", 6);
    gives("MSG_PEEK", recv(pair[1], bytes, 3, MSG_PEEK), 3);
    gives("MSG_WAITALL", recv(pair[1], bytes, 6, MSG_WAITALL), 6);
    fails("MSG_OOB",
          send(pair[0], "x", 1, MSG_OOB | MSG_DONTWAIT) >= 0
              ? (recv(pair[1], bytes, 1, MSG_OOB), errno = EOPNOTSUPP, -1)
              : -1,
          EOPNOTSUPP);
    close(pair[0]);
    close(pair[1]);
    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair);
    write(pair[0], "abcdef", 6);
    gives("MSG_TRUNC tells the size", recv(pair[1], bytes, 2, MSG_TRUNC), 6);
    write(pair[0], "ghi", 3);
    struct iovec in = {bytes, 2};
    struct msghdr message = {.msg_iov = &in, .msg_iovlen = 1};
    gives("recvmsg", recvmsg(pair[1], &message, 0), 2);
    printf("flags %x\n", (unsigned)message.msg_flags);
    write(pair[0], "jk", 2);
    gives("recvmsg", recvmsg(pair[1], &message, 0), 2);
    printf("flags %x\n", (unsigned)message.msg_flags);
    close(pair[0]);
    close(pair[1]);
}

int main(void) {
    test_autobind();
    test_names();
    test_full_backlog();
    test_credentials(SOCK_STREAM);
    test_credentials(SOCK_DGRAM);
    test_datagrams();
    test_passing();
    test_cycles();
    test_stream_flags();
    return report();
}
