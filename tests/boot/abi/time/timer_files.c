// timerfd: clocks, absolute times, periods, what it tells, and errors.
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "../check.h"

#ifndef TFD_TIMER_CANCEL_ON_SET
#define TFD_TIMER_CANCEL_ON_SET 2
#endif

static struct timespec later(clockid_t clock, long nanoseconds) {
    struct timespec time;
    clock_gettime(clock, &time);
    const long sum = time.tv_nsec + nanoseconds;
    return (struct timespec){time.tv_sec + sum / 1000000000, sum % 1000000000};
}

static void test_clock(const char* name, clockid_t clock) {
    const int fd = timerfd_create(clock, TFD_CLOEXEC);
    printf("ok %s: %d\n", name, fd >= 0 ? 0 : errno);
    if (fd < 0)
        return;
    uint64_t count = 0;
    struct itimerspec spec = {{0, 0}, {0, 3000000}}, now;
    timerfd_settime(fd, 0, &spec, NULL);
    show("once", read(fd, &count, sizeof(count)));
    printf("ok %lu expiration\n", (unsigned long)count);
    timerfd_gettime(fd, &now);
    printf("ok left %ld %ld\n", (long)now.it_value.tv_sec, now.it_value.tv_nsec);
    spec = (struct itimerspec){{0, 2000000}, later(clock, 5000000)};
    show("at a time, and again", timerfd_settime(fd, TFD_TIMER_ABSTIME, &spec, NULL));
    struct timespec pause = {0, 30000000};
    nanosleep(&pause, NULL);
    read(fd, &count, sizeof(count));
    check("periods that went by are counted", count >= 10);
    timerfd_gettime(fd, &now);
    check("what is left", now.it_interval.tv_nsec == 2000000 && now.it_value.tv_sec == 0 &&
                              now.it_value.tv_nsec > 0 && now.it_value.tv_nsec <= 2000000);
    spec = (struct itimerspec){{0, 0}, {0, 1}};
    show("a time that passed", timerfd_settime(fd, TFD_TIMER_ABSTIME, &spec, &now));
    printf("ok interval before %ld\n", now.it_interval.tv_nsec);
    show("read", read(fd, &count, sizeof(count)));
    close(fd);
}

static void test_stopping(void) {
    const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct itimerspec spec = {{0, 1000000}, {0, 1000000}}, off, old;
    uint64_t count;
    memset(&off, 0, sizeof(off));
    show("read before it is set", read(fd, &count, sizeof(count)));
    timerfd_settime(fd, 0, &spec, NULL);
    struct pollfd entry = {fd, POLLIN, 0};
    show("poll", poll(&entry, 1, 10000));
    printf("ok events %x\n", entry.revents);
    show("stop", timerfd_settime(fd, 0, &off, &old));
    printf("ok interval %ld\n", old.it_interval.tv_nsec);
    show("read once stopped", read(fd, &count, sizeof(count)));
    show("poll once stopped", poll(&entry, 1, 5));
    show("a short read", read(fd, &count, 4));
    show("write", write(fd, &count, sizeof(count)));
    const int epoll = epoll_create1(0);
    struct epoll_event event = {EPOLLIN | EPOLLET, {0}};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    timerfd_settime(fd, 0, &spec, NULL);
    show("edge", epoll_wait(epoll, &event, 1, 10000));
    show("edge again", epoll_wait(epoll, &event, 1, 50)); // not before a read
    close(epoll);
    close(fd);
}

static void test_errors(void) {
    struct itimerspec spec = {{0, 0}, {0, 1000000000}};
    show("no such clock", timerfd_create(77, 0));
    show("a CPU clock", timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0));
    show("a raw clock", timerfd_create(CLOCK_MONOTONIC_RAW, 0));
    show("unknown flags", timerfd_create(CLOCK_MONOTONIC, 1));
    const int fd = timerfd_create(CLOCK_REALTIME, 0);
    show("a bad time", timerfd_settime(fd, 0, &spec, NULL));
    spec.it_value.tv_nsec = -1;
    show("a negative time", timerfd_settime(fd, 0, &spec, NULL));
    show("unknown flags", timerfd_settime(fd, 8, &spec, NULL));
    show("a bad address", syscall(SYS_timerfd_settime, fd, 0, 8, NULL));
    show("another file", timerfd_settime(0, 0, &spec, NULL));
    show("no file", timerfd_gettime(99, &spec));
    spec = (struct itimerspec){{0, 0}, later(CLOCK_REALTIME, 5000000)};
    show("cancelled when the clock is set",
         timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &spec, NULL));
    uint64_t count;
    show("which it is not", read(fd, &count, sizeof(count)));
    close(fd);
}

int main(void) {
    test_clock("CLOCK_REALTIME", CLOCK_REALTIME);
    test_clock("CLOCK_MONOTONIC", CLOCK_MONOTONIC);
    test_clock("CLOCK_BOOTTIME", CLOCK_BOOTTIME);
    test_stopping();
    test_errors();
    return failures != 0;
}
