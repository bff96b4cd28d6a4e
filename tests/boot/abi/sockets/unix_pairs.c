// socketpair(2): streams, datagrams and sequenced packets, and files passed along.
#include "check.h"

static void test_messages(int a, int b) {
    char bytes[16];
    int waiting = 0;
    show_events("idle", a);
    gives("write", write(a, "abc", 3), 3);
    gives("write", write(a, "defg", 4), 4);
    show_events("with data", b);
    ioctl(b, FIONREAD, &waiting);
    printf("FIONREAD: %d\n", waiting);
    printf("peek: %zd\n", recv(b, bytes, 10, MSG_PEEK));
    printf("read: %zd\n", read(b, bytes, 2));
    printf("read: %zd\n", read(b, bytes, 10));
    fails("nothing is left", recv(b, bytes, 10, MSG_DONTWAIT), EAGAIN);
    struct sockaddr_un name;
    socklen_t size = sizeof(name);
    check("no name", getsockname(a, (struct sockaddr*)&name, &size) == 0 && size == 2 &&
                         name.sun_family == AF_UNIX);
}

static void test_files(int a, int b) {
    int ends[2];
    char control[CMSG_SPACE(sizeof(int))] = {0}, received[64], bytes[16];
    pipe(ends);
    struct iovec out = {"F", 1}, in = {bytes, sizeof(bytes)};
    struct msghdr message = {.msg_iov = &out,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof(control)};
    struct cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &ends[1], sizeof(int));
    gives("send a descriptor", sendmsg(a, &message, 0), 1);
    close(ends[1]);
    message = (struct msghdr){.msg_iov = &in,
                              .msg_iovlen = 1,
                              .msg_control = received,
                              .msg_controllen = sizeof(received)};
    gives("receive it", recvmsg(b, &message, 0), 1);
    printf("control: %zu bytes, flags %x\n", (size_t)message.msg_controllen,
           (unsigned)message.msg_flags);
    int fd = -1;
    header = CMSG_FIRSTHDR(&message);
    if (header != NULL)
        memcpy(&fd, CMSG_DATA(header), sizeof(fd));
    gives("write through it", write(fd, "via", 3), 3);
    close(fd);
    gives("read", read(ends[0], bytes, 9), 3);
    gives("nobody writes any more", read(ends[0], bytes, 9), 0);
    close(ends[0]);
}

static void test_ends(int type) {
    int pair[2];
    char byte;
    socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, pair);
    gives("shutdown for writing", shutdown(pair[0], SHUT_WR), 0);
    show_events("shut", pair[0]);
    show_events("the other end", pair[1]);
    printf("read: %zd\n", recv(pair[1], &byte, 1, 0));
    fails("write after shutdown", send(pair[0], "x", 1, MSG_NOSIGNAL), EPIPE);
    gives("write the other way", write(pair[1], "b", 1), 1);
    gives("read the other way", read(pair[0], &byte, 1), 1);
    close(pair[0]);
    show_events("closed", pair[1]);
    printf("read: %zd\n", recv(pair[1], &byte, 1, 0));
    errno = 0;
    const ssize_t sent = send(pair[1], "x", 1, MSG_NOSIGNAL);
    printf("send: %zd, errno %d\n", sent, errno);
    close(pair[1]);
    socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, pair);
    write(pair[0], "u", 1);
    close(pair[1]);
    show_events("closed with data unread", pair[0]);
    errno = 0;
    printf("read: %zd", read(pair[0], &byte, 1));
    printf(", errno %d\n", errno);
    close(pair[0]);
}

static volatile sig_atomic_t signals;
static void count_signal(int number) {
    (void)number;
    ++signals;
}

static void test_broken_pipe(void) {
    struct sigaction action = {.sa_handler = count_signal};
    int pair[2];
    sigaction(SIGPIPE, &action, NULL);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    close(pair[1]);
    fails("write to nobody", write(pair[0], "x", 1), EPIPE);
    fails("send to nobody", send(pair[0], "x", 1, 0), EPIPE);
    gives("a signal each", signals, 2);
    fails("send with MSG_NOSIGNAL", send(pair[0], "x", 1, MSG_NOSIGNAL), EPIPE);
    gives("none for that", signals, 2);
}

int main(void) {
    const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    for (int i = 0; i < 3; ++i) {
        int pair[2];
        printf("type %d\n", types[i]);
        gives("socketpair", socketpair(AF_UNIX, types[i], 0, pair), 0);
        test_messages(pair[0], pair[1]);
        test_files(pair[0], pair[1]);
        close(pair[0]);
        close(pair[1]);
        test_ends(types[i]);
    }
    test_broken_pipe();
    return report();
}
