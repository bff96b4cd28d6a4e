// Pipes: order, atomic writes, ends that close, non-blocking ends, capacity.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}
static void fails(const char* name, long result, int error) {
    check(name, result == -1 && errno == error);
}

static char buffer[1 << 20];

static void test_basics(void) {
    int ends[2];
    check("pipe", pipe(ends) == 0 && ends[0] == 3 && ends[1] == 4);
    check("write", write(ends[1], "hello", 5) == 5);
    int readable = 0;
    check("FIONREAD", ioctl(ends[0], FIONREAD, &readable) == 0 && readable == 5);
    check("read a part", read(ends[0], buffer, 2) == 2 && memcmp(buffer, "he", 2) == 0);
    check("read the rest", read(ends[0], buffer, 100) == 3 && memcmp(buffer, "llo", 3) == 0);
    fails("seek", lseek(ends[0], 0, SEEK_CUR), ESPIPE);
    fails("pread", pread(ends[0], buffer, 1, 0), ESPIPE);
    fails("write to the reading end", write(ends[0], "x", 1), EBADF);
    fails("read from the writing end", read(ends[1], buffer, 1), EBADF);
    struct stat status;
    check("fstat", fstat(ends[0], &status) == 0 && S_ISFIFO(status.st_mode));
    const struct iovec parts[2] = {{"ab", 2}, {"cd", 2}};
    check("writev", writev(ends[1], parts, 2) == 4 && read(ends[0], buffer, 10) == 4 &&
                        memcmp(buffer, "abcd", 4) == 0);
    write(ends[1], "last", 4);
    close(ends[1]);
    check("what was written before closing", read(ends[0], buffer, 10) == 4);
    check("then the end", read(ends[0], buffer, 10) == 0 && read(ends[0], buffer, 10) == 0);
    close(ends[0]);
    fails("pipe2 with bad flags", pipe2(ends, O_CREAT), EINVAL);
}

static void test_non_blocking(void) {
    int ends[2];
    pipe2(ends, O_NONBLOCK | O_CLOEXEC);
    check("the flags", (fcntl(ends[0], F_GETFL) & O_NONBLOCK) && fcntl(ends[1], F_GETFD) == 1);
    fails("nothing to read", read(ends[0], buffer, 1), EAGAIN);
    check("capacity", fcntl(ends[0], F_GETPIPE_SZ) == 65536);
    long total = 0;
    for (ssize_t put; (put = write(ends[1], buffer, 4096)) > 0;)
        total += put;
    check("full at its capacity", total == 65536 && errno == EAGAIN);
    read(ends[0], buffer, 4096);
    check("room again", write(ends[1], buffer, 4096) == 4096);
    read(ends[0], buffer, 65536);
    check("a large write is cut off", write(ends[1], buffer, sizeof(buffer)) == 65536);
    read(ends[0], buffer, 65536);
    check("a larger pipe", fcntl(ends[1], F_SETPIPE_SZ, 100000) == 131072 &&
                               write(ends[1], buffer, sizeof(buffer)) == 131072);
    fails("smaller than what is in it", fcntl(ends[1], F_SETPIPE_SZ, 4096), EBUSY);
    close(ends[0]);
    close(ends[1]);
}

static volatile int broken;
static void note(int number) {
    broken = number;
}

static void test_broken(void) {
    int ends[2];
    pipe(ends);
    struct pollfd wait = {ends[1], POLLOUT, 0};
    check("writable", poll(&wait, 1, 0) == 1 && wait.revents == POLLOUT);
    close(ends[0]);
    check("an error when nobody reads", poll(&wait, 1, 0) == 1 && (wait.revents & POLLERR));
    signal(SIGPIPE, note);
    fails("EPIPE", write(ends[1], "x", 1), EPIPE);
    check("and SIGPIPE", broken == SIGPIPE);
    signal(SIGPIPE, SIG_IGN);
    fails("EPIPE alone", write(ends[1], "x", 1), EPIPE);
    close(ends[1]);
}

static void* copy_through(void* argument) {
    const int* ends = argument;
    long total = 0;
    char block[3000];
    for (ssize_t got; (got = read(ends[0], block, sizeof(block))) > 0;)
        for (ssize_t i = 0; i < got; ++i, ++total)
            if (block[i] != (char)(total * 7 + total / 256))
                return (void*)-1L;
    return (void*)total;
}

static void test_threads(void) {
    int ends[2];
    pipe(ends);
    for (long i = 0; i < (long)sizeof(buffer); ++i)
        buffer[i] = (char)(i * 7 + i / 256);
    pthread_t reader;
    pthread_create(&reader, NULL, copy_through, ends);
    check("a blocking write is whole", write(ends[1], buffer, sizeof(buffer)) == sizeof(buffer));
    close(ends[1]);
    void* total;
    pthread_join(reader, &total);
    check("all arrived in order", (long)total == sizeof(buffer));
    close(ends[0]);
}

static void* write_lines(void* argument) {
    char line[200];
    memset(line, *(char*)argument, sizeof(line));
    for (int i = 0; i < 500; ++i)
        write(4, line, sizeof(line));
    return NULL;
}

static void test_atomic(void) {
    int ends[2];
    pipe(ends);
    pthread_t writers[2];
    pthread_create(&writers[0], NULL, write_lines, "a");
    pthread_create(&writers[1], NULL, write_lines, "b");
    int whole = 1;
    for (int i = 0; i < 1000; ++i) {
        size_t got = 0;
        while (got < 200)
            got += (size_t)read(ends[0], buffer + got, 200 - got);
        for (int k = 1; k < 200; ++k)
            whole &= buffer[k] == buffer[0];
    }
    check("small writes do not mix", whole);
    pthread_join(writers[0], NULL);
    pthread_join(writers[1], NULL);
    close(ends[0]);
    close(ends[1]);
}

int main(void) {
    test_basics();
    test_non_blocking();
    test_broken();
    test_threads();
    test_atomic();
    return failures != 0;
}
