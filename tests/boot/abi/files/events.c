// eventfd and timerfd.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
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

static short polled(int fd) {
    struct pollfd wait = {fd, POLLIN | POLLOUT, 0};
    poll(&wait, 1, 0);
    return wait.revents;
}

static int event;
static void* add_later(void* argument) {
    const struct timespec pause = {0, 30000000};
    nanosleep(&pause, NULL);
    write(event, argument, 8);
    return NULL;
}

static void test_events(void) {
    uint64_t value = 0;
    event = eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC);
    check("eventfd", event >= 0 && polled(event) == (POLLIN | POLLOUT));
    check("read", read(event, &value, 8) == 8 && value == 3);
    fails("read nothing", read(event, &value, 8), EAGAIN);
    check("writable alone", polled(event) == POLLOUT);
    value = 5;
    write(event, &value, 8);
    write(event, &value, 8);
    check("sums up", read(event, &value, 8) == 8 && value == 10);
    fails("too small to read", read(event, &value, 4), EINVAL);
    fails("too small to write", write(event, &value, 4), EINVAL);
    value = UINT64_MAX;
    fails("too much", write(event, &value, 8), EINVAL);
    value = UINT64_MAX - 1;
    check("the most", write(event, &value, 8) == 8 && polled(event) == POLLIN);
    value = 1;
    fails("and no more", write(event, &value, 8), EAGAIN);
    close(event);
    event = eventfd(2, EFD_SEMAPHORE);
    check("a semaphore",
          read(event, &value, 8) == 8 && value == 1 && read(event, &value, 8) == 8 && value == 1);
    pthread_t writer;
    uint64_t one = 1;
    pthread_create(&writer, NULL, add_later, &one);
    check("waits for a writer", read(event, &value, 8) == 8 && value == 1);
    pthread_join(writer, NULL);
    close(event);
    fails("bad flags", eventfd(0, 0x40000), EINVAL);
}

static long nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000 + now.tv_nsec;
}

static void test_timers(void) {
    uint64_t count = 0;
    const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    check("timerfd_create", timer >= 0 && polled(timer) == 0);
    fails("not set", read(timer, &count, 8), EAGAIN);
    struct itimerspec once = {{0, 0}, {0, 20000000}}, now;
    check("set", timerfd_settime(timer, 0, &once, NULL) == 0);
    check("running", timerfd_gettime(timer, &now) == 0 && now.it_value.tv_nsec > 0 &&
                         now.it_value.tv_nsec <= 20000000);
    struct pollfd wait = {timer, POLLIN, 0};
    const long start = nanoseconds();
    check("expires", poll(&wait, 1, 10000) == 1 && wait.revents == POLLIN);
    check("in time", nanoseconds() - start >= 15000000);
    check("once", read(timer, &count, 8) == 8 && count == 1);
    fails("read again", read(timer, &count, 8), EAGAIN);
    check("stopped", timerfd_gettime(timer, &now) == 0 && now.it_value.tv_sec == 0 &&
                         now.it_value.tv_nsec == 0);
    const struct itimerspec often = {{0, 5000000}, {0, 5000000}};
    timerfd_settime(timer, 0, &often, NULL);
    const struct timespec pause = {0, 42000000};
    nanosleep(&pause, NULL);
    check("periods are counted", read(timer, &count, 8) == 8 && count >= 8);
    const struct itimerspec off = {{0, 0}, {0, 0}};
    check("the old setting",
          timerfd_settime(timer, 0, &off, &now) == 0 && now.it_interval.tv_nsec == 5000000);
    fails("stopped again", read(timer, &count, 8), EAGAIN);
    fcntl(timer, F_SETFL, 0);
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    const int absolute = timerfd_create(CLOCK_REALTIME, 0);
    const struct itimerspec past = {{0, 0}, {at.tv_sec - 1, 0}};
    timerfd_settime(absolute, TFD_TIMER_ABSTIME, &past, NULL);
    check("a point in the past", read(absolute, &count, 8) == 8 && count == 1);
    at.tv_nsec += 20000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_nsec -= 1000000000;
        at.tv_sec++;
    }
    const struct itimerspec future = {{0, 0}, at};
    timerfd_settime(absolute, TFD_TIMER_ABSTIME, &future, NULL);
    check("a point in the future", read(absolute, &count, 8) == 8 && count == 1);
    const struct itimerspec bad = {{0, 0}, {0, 2000000000}};
    fails("a malformed time", timerfd_settime(absolute, 0, &bad, NULL), EINVAL);
    fails("a bad clock", timerfd_create(99, 0), EINVAL);
    fails("no timer", timerfd_settime(0, 0, &off, NULL), EINVAL);
    close(absolute);
    close(timer);
}

int main(void) {
    test_events();
    test_timers();
    return failures != 0;
}
