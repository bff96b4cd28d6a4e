// epoll: levels, edges, one shot, changes, closing, nesting, many descriptors, threads.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
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

static int queue, ends[2];
static struct epoll_event got[64];

static int control(int operation, int fd, unsigned events) {
    struct epoll_event event = {.events = events, .data.u64 = 0x1234567800000000u + (unsigned)fd};
    return epoll_ctl(queue, operation, fd, &event);
}
static int ready(void) {
    return epoll_wait(queue, got, 64, 0);
}
static int is(unsigned events, int fd) {
    return got[0].events == events && got[0].data.u64 == 0x1234567800000000u + (unsigned)fd;
}
static void drain(int fd) {
    char bytes[256];
    read(fd, bytes, sizeof(bytes));
}

static void test_changes(void) {
    check("nothing watched", ready() == 0);
    check("add", control(EPOLL_CTL_ADD, ends[0], EPOLLIN) == 0);
    fails("add again", control(EPOLL_CTL_ADD, ends[0], EPOLLIN), EEXIST);
    fails("modify what is not there", control(EPOLL_CTL_MOD, ends[1], EPOLLOUT), ENOENT);
    fails("delete what is not there", control(EPOLL_CTL_DEL, ends[1], 0), ENOENT);
    fails("a bad descriptor", control(EPOLL_CTL_ADD, 77, EPOLLIN), EBADF);
    fails("a bad operation", control(99, ends[0], EPOLLIN), EINVAL);
    fails("no epoll", epoll_ctl(ends[0], EPOLL_CTL_ADD, ends[1], got), EINVAL);
    fails("itself", control(EPOLL_CTL_ADD, queue, EPOLLIN), EINVAL);
    fails("no room", epoll_wait(queue, got, 0, 0), EINVAL);
    char path[] = "/tmp/abi-XXXXXX";
    const int file = mkstemp(path);
    fails("a regular file", control(EPOLL_CTL_ADD, file, EPOLLIN), EPERM);
    close(file);
    unlink(path);
    check("delete", control(EPOLL_CTL_DEL, ends[0], 0) == 0);
    write(ends[1], "x", 1);
    check("no longer told", ready() == 0);
    drain(ends[0]);
}

static void test_level(void) {
    control(EPOLL_CTL_ADD, ends[0], EPOLLIN);
    check("not ready", ready() == 0);
    write(ends[1], "xy", 2);
    check("ready", ready() == 1 && is(EPOLLIN, ends[0]));
    check("still ready", ready() == 1);
    drain(ends[0]);
    check("read empty", ready() == 0);
    check("modify", control(EPOLL_CTL_MOD, ends[0], EPOLLOUT) == 0);
    write(ends[1], "x", 1);
    check("not asked for", ready() == 0);
    control(EPOLL_CTL_MOD, ends[0], EPOLLIN);
    check("asked for again", ready() == 1);
    drain(ends[0]);
    control(EPOLL_CTL_DEL, ends[0], 0);
}

static void test_edge(void) {
    control(EPOLL_CTL_ADD, ends[0], EPOLLIN | EPOLLET);
    write(ends[1], "x", 1);
    check("an edge", ready() == 1 && is(EPOLLIN, ends[0]));
    check("told once", ready() == 0);
    write(ends[1], "y", 1);
    check("another edge", ready() == 1 && ready() == 0);
    control(EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLET);
    check("modifying tells again", ready() == 1 && ready() == 0);
    drain(ends[0]);
    check("empty", ready() == 0);
    control(EPOLL_CTL_DEL, ends[0], 0);
    write(ends[1], "x", 1);
    control(EPOLL_CTL_ADD, ends[0], EPOLLIN | EPOLLET);
    check("ready when added", ready() == 1 && ready() == 0);
    drain(ends[0]);
    control(EPOLL_CTL_DEL, ends[0], 0);
}

static void test_one_shot(void) {
    control(EPOLL_CTL_ADD, ends[0], EPOLLIN | EPOLLONESHOT);
    write(ends[1], "x", 1);
    check("one shot", ready() == 1 && ready() == 0);
    write(ends[1], "y", 1);
    check("silent until set again", ready() == 0);
    control(EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLONESHOT);
    check("set again", ready() == 1 && ready() == 0);
    drain(ends[0]);
    control(EPOLL_CTL_DEL, ends[0], 0);
}

static void test_closing(void) {
    int other[2];
    pipe(other);
    control(EPOLL_CTL_ADD, other[0], EPOLLIN);
    const int copy = dup(other[0]);
    write(other[1], "x", 1);
    close(other[0]);
    check("a copy keeps it watched", ready() == 1);
    close(copy);
    check("closed is forgotten", ready() == 0);
    close(other[1]);
    pipe(other);
    check("the number can be used again", control(EPOLL_CTL_ADD, other[0], EPOLLIN) == 0);
    close(other[1]);
    check("hang-up is told unasked", ready() == 1 && is(EPOLLHUP, other[0]));
    close(other[0]);
    check("gone", ready() == 0);
}

static void test_many(void) {
    int fds[64];
    for (int i = 0; i < 64; ++i) {
        fds[i] = eventfd(0, EFD_NONBLOCK);
        control(EPOLL_CTL_ADD, fds[i], EPOLLIN);
    }
    const eventfd_t one = 1;
    for (int i = 0; i < 64; i += 2)
        write(fds[i], &one, sizeof(one));
    check("those that are ready", ready() == 32);
    int seen[4096] = {0}, turns = 0;
    for (; turns < 4; ++turns) {
        const int count = epoll_wait(queue, got, 8, 0);
        for (int i = 0; i < count; ++i)
            seen[got[i].data.u64 & 0xfff]++;
    }
    int each_once = 1;
    for (int i = 0; i < 64; i += 2)
        each_once &= seen[fds[i]] == 1;
    check("in turn, with little room", each_once);
    for (int i = 0; i < 64; ++i)
        close(fds[i]);
    check("all closed", ready() == 0);
}

static void test_nesting(void) {
    const int outer = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = queue}, out;
    check("an epoll in an epoll", epoll_ctl(outer, EPOLL_CTL_ADD, queue, &event) == 0);
    fails("no circles", control(EPOLL_CTL_ADD, outer, EPOLLIN), ELOOP);
    control(EPOLL_CTL_ADD, ends[0], EPOLLIN);
    check("nothing inside", epoll_wait(outer, &out, 1, 0) == 0);
    write(ends[1], "x", 1);
    check("something inside", epoll_wait(outer, &out, 1, 0) == 1 && out.data.fd == queue);
    drain(ends[0]);
    check("nothing any more", epoll_wait(outer, &out, 1, 0) == 0);
    control(EPOLL_CTL_DEL, ends[0], 0);
    close(outer);
}

static void* write_later(void* argument) {
    (void)argument;
    const struct timespec pause = {0, 30000000};
    nanosleep(&pause, NULL);
    write(ends[1], "x", 1);
    return NULL;
}

static void test_waiting(void) {
    control(EPOLL_CTL_ADD, ends[0], EPOLLIN);
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    check("a timeout", epoll_wait(queue, got, 64, 50) == 0);
    clock_gettime(CLOCK_MONOTONIC, &after);
    check("was waited for",
          (after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec >= 49000000);
    pthread_t writer;
    pthread_create(&writer, NULL, write_later, NULL);
    check("woken by a thread", epoll_wait(queue, got, 64, 10000) == 1 && is(EPOLLIN, ends[0]));
    pthread_join(writer, NULL);
    drain(ends[0]);
    control(EPOLL_CTL_DEL, ends[0], 0);
}

int main(void) {
    queue = epoll_create1(0);
    pipe(ends);
    fails("bad flags", epoll_create1(77), EINVAL);
    test_changes();
    test_level();
    test_edge();
    test_one_shot();
    test_closing();
    test_many();
    test_nesting();
    test_waiting();
    return failures != 0;
}
