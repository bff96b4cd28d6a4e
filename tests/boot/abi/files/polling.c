// poll, ppoll, select, pselect.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}
static void fails(const char* name, long result, int error) {
    check(name, result == -1 && errno == error);
}

static long milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int ends[2];

static void* write_later(void* argument) {
    (void)argument;
    const struct timespec pause = {0, 30000000};
    nanosleep(&pause, NULL);
    write(ends[1], "x", 1);
    return NULL;
}

static void test_poll(void) {
    char byte;
    struct pollfd set[3] = {{ends[0], POLLIN, 9}, {ends[1], POLLOUT, 9}, {-1, POLLIN, 9}};
    check("one is ready", poll(set, 3, -1) == 1);
    check("which one", set[0].revents == 0 && set[1].revents == POLLOUT && set[2].revents == 0);
    check("none in time", poll(set, 1, 0) == 0);
    long start = milliseconds();
    check("a timeout", poll(set, 1, 50) == 0 && milliseconds() - start >= 49);
    pthread_t writer;
    pthread_create(&writer, NULL, write_later, NULL);
    check("woken by a writer", poll(set, 1, 10000) == 1 && set[0].revents == POLLIN);
    pthread_join(writer, NULL);
    read(ends[0], &byte, 1);
    set[0].fd = 77;
    check("a bad descriptor", poll(set, 1, 1000) == 1 && set[0].revents == POLLNVAL);
    const int null = open("/dev/null", O_RDWR);
    set[0].fd = null;
    set[0].events = POLLIN | POLLOUT;
    check("always ready", poll(set, 1, -1) == 1 && set[0].revents == (POLLIN | POLLOUT));
    close(null);
    start = milliseconds();
    check("nothing to wait for", poll(NULL, 0, 20) == 0 && milliseconds() - start >= 19);
    int others[2];
    pipe(others);
    close(others[1]);
    set[0].fd = others[0];
    set[0].events = 0;
    check("hang-up is always told", poll(set, 1, -1) == 1 && set[0].revents == POLLHUP);
    close(others[0]);
}

static volatile int alarms;
static void note(int number) {
    (void)number;
    ++alarms;
}

static void test_signals(void) {
    struct pollfd set = {ends[0], POLLIN, 0};
    sigset_t blocked, none;
    sigemptyset(&blocked);
    sigemptyset(&none);
    sigaddset(&blocked, SIGALRM);
    const struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    raise(SIGALRM);
    const struct timespec limit = {10, 0};
    fails("ppoll lets the signal in", ppoll(&set, 1, &limit, &none), EINTR);
    check("once", alarms == 1);
    sigset_t now;
    sigprocmask(SIG_BLOCK, NULL, &now);
    check("and has the old mask after it", sigismember(&now, SIGALRM) == 1);
    raise(SIGALRM);
    fd_set readers;
    FD_ZERO(&readers);
    FD_SET(ends[0], &readers);
    fails("pselect too", pselect(ends[0] + 1, &readers, NULL, NULL, &limit, &none), EINTR);
    check("twice", alarms == 2);
    write(ends[1], "x", 1);
    check("ready goes first", ppoll(&set, 1, &limit, &none) == 1 && alarms == 2);
    char byte;
    read(ends[0], &byte, 1);
    sigprocmask(SIG_UNBLOCK, &blocked, NULL);
    const struct itimerval soon = {{0, 0}, {0, 30000}};
    setitimer(ITIMER_REAL, &soon, NULL);
    fails("poll is interrupted, SA_RESTART or not", poll(&set, 1, 10000), EINTR);
    check("thrice", alarms == 3);
}

static void test_select(void) {
    fd_set readers, writers;
    FD_ZERO(&readers);
    FD_ZERO(&writers);
    FD_SET(ends[0], &readers);
    FD_SET(ends[1], &writers);
    struct timeval limit = {0, 0};
    const int count = (ends[0] > ends[1] ? ends[0] : ends[1]) + 1;
    check("select", select(count, &readers, &writers, NULL, &limit) == 1);
    check("the sets", !FD_ISSET(ends[0], &readers) && FD_ISSET(ends[1], &writers));
    write(ends[1], "x", 1);
    FD_SET(ends[0], &readers);
    check("both", select(count, &readers, &writers, NULL, NULL) == 2 &&
                      FD_ISSET(ends[0], &readers) && FD_ISSET(ends[1], &writers));
    check("above the count", select(ends[0], &readers, NULL, NULL, &limit) == 0);
    char byte;
    read(ends[0], &byte, 1);
    // Linux looks no further than the process's table of descriptors, 64 entries at first: only a
    // number below that is surely found bad.
    const int closed = dup(ends[0]);
    close(closed);
    FD_ZERO(&readers);
    FD_SET(closed, &readers);
    fails("a bad descriptor", select(closed + 1, &readers, NULL, NULL, &limit), EBADF);
    fails("a negative count", select(-1, NULL, NULL, NULL, &limit), EINVAL);
    limit.tv_usec = 30000;
    const long start = milliseconds();
    check("a plain pause",
          select(0, NULL, NULL, NULL, &limit) == 0 && milliseconds() - start >= 29);
}

int main(void) {
    pipe(ends);
    test_poll();
    test_signals();
    test_select();
    return failures != 0;
}
