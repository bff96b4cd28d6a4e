// Clocks: monotonic, agreement of vDSO and system call, resolutions, sleeping, CPU time.
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}

typedef long long nanoseconds;

static nanoseconds of(struct timespec time) {
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static nanoseconds fast(clockid_t clock) {
    struct timespec time;
    return clock_gettime(clock, &time) == 0 ? of(time) : -1;
}

static nanoseconds slow(clockid_t clock) {
    struct timespec time;
    return syscall(SYS_clock_gettime, clock, &time) == 0 ? of(time) : -1;
}

static int agree(clockid_t clock) {
    for (int i = 0; i < 1000; i++) {
        const nanoseconds a = fast(clock), b = slow(clock), c = fast(clock);
        if (a > b || b > c)
            return 0;
    }
    return 1;
}

static int never_back(clockid_t clock) {
    nanoseconds before = fast(clock);
    for (int i = 0; i < 100000; i++) {
        const nanoseconds now = fast(clock);
        if (now < before)
            return 0;
        before = now;
    }
    return 1;
}

static void test_reading(void) {
    check("there is a vDSO", getauxval(AT_SYSINFO_EHDR) != 0);
    check("monotonic never goes back", never_back(CLOCK_MONOTONIC));
    check("vDSO and system call agree, monotonic", agree(CLOCK_MONOTONIC));
    check("vDSO and system call agree, real time", agree(CLOCK_REALTIME));
    check("boot time", fast(CLOCK_BOOTTIME) > 0 && fast(CLOCK_MONOTONIC_RAW) > 0);
    check("coarse clocks", fast(CLOCK_MONOTONIC_COARSE) > 0 && fast(CLOCK_REALTIME_COARSE) > 0);
    check("it is after 2020", fast(CLOCK_REALTIME) > 1577836800LL * 1000000000);
    struct timeval day;
    gettimeofday(&day, NULL);
    const nanoseconds now = fast(CLOCK_REALTIME);
    const nanoseconds apart = now - (day.tv_sec * 1000000000LL + day.tv_usec * 1000LL);
    check("gettimeofday", apart >= 0 && apart < 1000000000);
    const time_t seconds = time(NULL);
    check("time", seconds - day.tv_sec >= 0 && seconds - day.tv_sec <= 1);
    struct timespec resolution;
    check("resolution",
          clock_getres(CLOCK_MONOTONIC, &resolution) == 0 && of(resolution) <= 10000000);
    check("no such clock", clock_gettime(77, &resolution) == -1 && errno == EINVAL);
    unsigned cpu = 99;
    check("getcpu",
          syscall(SYS_getcpu, &cpu, NULL, NULL) == 0 && cpu < 1024 && sched_getcpu() >= 0);
}

static void test_sleeping(void) {
    struct timespec time = {0, 30000000};
    nanoseconds before = fast(CLOCK_MONOTONIC);
    check("nanosleep", nanosleep(&time, NULL) == 0);
    nanoseconds took = fast(CLOCK_MONOTONIC) - before;
    check("not too short", took >= 30000000);
    check("not absurdly long", took < 5000000000LL);

    const nanoseconds deadline = fast(CLOCK_MONOTONIC) + 20000000;
    time = (struct timespec){deadline / 1000000000, deadline % 1000000000};
    check("clock_nanosleep to a point in time",
          clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == 0 &&
              fast(CLOCK_MONOTONIC) >= deadline);
    check("to one in the past", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == 0);
    const nanoseconds wall = fast(CLOCK_REALTIME) + 10000000;
    time = (struct timespec){wall / 1000000000, wall % 1000000000};
    check("on the wall clock", clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &time, NULL) == 0 &&
                                   fast(CLOCK_REALTIME) >= wall);
    time = (struct timespec){0, 1000000000};
    check("a bad time", nanosleep(&time, NULL) == -1 && errno == EINVAL);
    time = (struct timespec){-1, 0};
    check("a negative time", nanosleep(&time, NULL) == -1 && errno == EINVAL);
}

static void test_cpu_time(void) {
    const nanoseconds process = fast(CLOCK_PROCESS_CPUTIME_ID);
    const nanoseconds thread = fast(CLOCK_THREAD_CPUTIME_ID);
    volatile unsigned long sink = 0;
    const nanoseconds limit = fast(CLOCK_MONOTONIC) + 60000000000LL;
    while (fast(CLOCK_PROCESS_CPUTIME_ID) - process < 30000000 && fast(CLOCK_MONOTONIC) < limit)
        for (int i = 0; i < 1000; i++)
            sink += (unsigned long)i;
    check("the process's CPU time passes", fast(CLOCK_PROCESS_CPUTIME_ID) - process >= 30000000);
    check("the thread's, too", fast(CLOCK_THREAD_CPUTIME_ID) - thread > 10000000);
    const nanoseconds before = fast(CLOCK_PROCESS_CPUTIME_ID);
    struct timespec time = {0, 100000000};
    nanosleep(&time, NULL);
    check("but not while it sleeps", fast(CLOCK_PROCESS_CPUTIME_ID) - before < 90000000);
    struct tms used;
    check("times", times(&used) != (clock_t)-1 && used.tms_utime + used.tms_stime >= 0);
    check("clock", clock() > 0);
}

int main(void) {
    test_reading();
    test_sleeping();
    test_cpu_time();
    return failures != 0;
}
