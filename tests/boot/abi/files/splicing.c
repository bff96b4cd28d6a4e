// splice, tee and vmsplice: between pipes, files and sockets.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}
static void gives(const char* name, long result, long wanted) {
    if (result != wanted)
        printf("%s: %ld (errno %d), expected %ld\n", name, result, errno, wanted);
    check(name, result == wanted);
}
static void fails(const char* name, long result, int error) {
    if (result != -1 || errno != error)
        printf("%s: %ld (errno %d), expected errno %d\n", name, result, errno, error);
    check(name, result == -1 && errno == error);
}

static char buffer[1 << 20];
static int file;
static int ends[2];

static void test_files(void) {
    loff_t offset = 6;
    gives("from a file at an offset", splice(file, &offset, ends[1], NULL, 5, 0), 5);
    gives("which goes on", offset, 11);
    gives("in the pipe", read(ends[0], buffer, 100), 5);
    check("its bytes", memcmp(buffer, "world", 5) == 0);
    lseek(file, 0, SEEK_SET);
    gives("from its position", splice(file, NULL, ends[1], NULL, 100, SPLICE_F_MOVE), 12);
    gives("at the end", splice(file, NULL, ends[1], NULL, 100, 0), 0);
    offset = 20;
    gives("into a file", splice(ends[0], NULL, file, &offset, 100, 0), 12);
    gives("it grew", lseek(file, 0, SEEK_END), 32);
    check("its bytes",
          pread(file, buffer, 12, 20) == 12 && memcmp(buffer, "hello world\n", 12) == 0);
    ftruncate(file, 12);
}

static void test_pipes(void) {
    int others[2];
    pipe(others);
    write(ends[1], "abcdef", 6);
    gives("tee", tee(ends[0], others[1], 4, 0), 4);
    gives("the copy", read(others[0], buffer, 100), 4);
    gives("from pipe to pipe", splice(ends[0], NULL, others[1], NULL, 100, 0), 6);
    gives("all of it", read(others[0], buffer, 100), 6);
    check("its bytes", memcmp(buffer, "abcdef", 6) == 0);
    fails("nothing there", splice(ends[0], NULL, others[1], NULL, 1, SPLICE_F_NONBLOCK), EAGAIN);
    fails("tee with nothing there", tee(ends[0], others[1], 1, SPLICE_F_NONBLOCK), EAGAIN);
    fails("into itself", splice(ends[0], NULL, ends[1], NULL, 1, 0), EINVAL);
    fails("tee into itself", tee(ends[0], ends[1], 1, 0), EINVAL);
    close(others[1]);
    gives("nobody writes", splice(others[0], NULL, ends[1], NULL, 1, 0), 0);
    close(others[0]);
}

static void test_vectors(void) {
    struct iovec out[2] = {{"one ", 4}, {"two", 3}}, in[2] = {{buffer, 2}, {buffer + 100, 50}};
    gives("vmsplice into a pipe", vmsplice(ends[1], out, 2, 0), 7);
    gives("vmsplice out of it", vmsplice(ends[0], in, 2, 0), 7);
    check("its bytes", memcmp(buffer, "on", 2) == 0 && memcmp(buffer + 100, "e two", 5) == 0);
    fails("nothing there", vmsplice(ends[0], in, 1, SPLICE_F_NONBLOCK), EAGAIN);
    fails("no pipe", vmsplice(file, in, 1, 0), EBADF);
}

static void* send_all(void* argument) {
    write(*(int*)argument, buffer, 300000);
    close(*(int*)argument);
    return NULL;
}

// A proxy between two connections.
static void test_sockets(void) {
    int from[2], to[2];
    long moved = 0, received = 0;
    pthread_t sender;
    static char copy[400000];
    for (long i = 0; i < 300000; ++i)
        buffer[i] = (char)(i * 7 + i / 256);
    socketpair(AF_UNIX, SOCK_STREAM, 0, from);
    socketpair(AF_UNIX, SOCK_STREAM, 0, to);
    pthread_create(&sender, NULL, send_all, &from[1]);
    for (;;) {
        const ssize_t got = splice(from[0], NULL, ends[1], NULL, 65536, SPLICE_F_MORE);
        if (got <= 0)
            break;
        for (ssize_t left = got; left > 0;) {
            const ssize_t put = splice(ends[0], NULL, to[1], NULL, (size_t)left, 0);
            if (put <= 0)
                break;
            left -= put;
            moved += put;
            while (received < moved) {
                const ssize_t part = recv(to[0], copy + received, sizeof(copy), MSG_DONTWAIT);
                if (part <= 0)
                    break;
                received += part;
            }
        }
    }
    pthread_join(sender, NULL);
    gives("all went through", moved, 300000);
    check("unchanged", received == moved && memcmp(copy, buffer, 300000) == 0);
    fcntl(to[0], F_SETFL, O_NONBLOCK);
    fails("a socket without data", splice(to[0], NULL, ends[1], NULL, 1, 0), EAGAIN);
    close(from[0]);
    close(to[0]);
    close(to[1]);
}

static void test_refusals(void) {
    loff_t offset = 0;
    int broken[2];
    fails("no pipe at all", splice(file, NULL, file, NULL, 1, 0), EINVAL);
    fails("an offset in a pipe", splice(file, NULL, ends[1], &offset, 1, 0), ESPIPE);
    fails("unknown flags", splice(file, NULL, ends[1], NULL, 1, 64), EINVAL);
    fails("the wrong end", splice(ends[1], NULL, file, NULL, 1, 0), EBADF);
    fails("not open", splice(99, NULL, ends[1], NULL, 1, 0), EBADF);
    gives("nothing at all", splice(file, NULL, ends[1], NULL, 0, 0), 0);
    signal(SIGPIPE, SIG_IGN);
    pipe(broken);
    close(broken[0]);
    lseek(file, 0, SEEK_SET);
    fails("nobody reads", splice(file, NULL, broken[1], NULL, 5, 0), EPIPE);
    close(broken[1]);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    while (write(ends[1], buffer, 4096) > 0)
        ;
    lseek(file, 0, SEEK_SET);
    fails("a full pipe", splice(file, NULL, ends[1], NULL, 5, SPLICE_F_NONBLOCK), EAGAIN);
}

int main(void) {
    char name[] = "/tmp/splice-XXXXXX";
    file = mkstemp(name);
    unlink(name);
    write(file, "hello world\n", 12);
    pipe(ends);
    test_files();
    test_pipes();
    test_vectors();
    test_sockets();
    test_refusals();
    puts(failures == 0 ? "all ok" : "some failed");
    return failures != 0;
}
