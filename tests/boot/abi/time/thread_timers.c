// CPU clocks of threads, timers that signal one thread, several timers of one signal, and errors.
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "../check.h"

#ifndef SIGEV_THREAD_ID
#define SIGEV_THREAD_ID 4
#endif

struct event { // the kernel's, whose thread id the C libraries name differently
    union sigval value;
    int signal, notify, thread;
    int rest[11];
};

static volatile int g_count, g_thread, g_values[4], g_overrun;
static volatile sig_atomic_t g_stop;

static void note(int signal, siginfo_t* info, void* context) {
    (void)signal;
    (void)context;
    g_thread = (int)syscall(SYS_gettid);
    if (info->si_value.sival_int >= 0 && info->si_value.sival_int < 4)
        g_values[info->si_value.sival_int]++;
    g_overrun = info->si_overrun;
    g_count++;
}

static void install(int signal) {
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_sigaction = note;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    sigaction(signal, &action, NULL);
}

static int create(clockid_t clock, int notify, int thread, int value, int* id) {
    struct event event;
    memset(&event, 0, sizeof(event));
    event.value.sival_int = value;
    event.signal = SIGUSR1;
    event.notify = notify;
    event.thread = thread;
    return (int)syscall(SYS_timer_create, clock, &event, id);
}

static long set(int id, int flags, long first, long again) {
    const struct itimerspec spec = {{0, again}, {0, first}};
    return syscall(SYS_timer_settime, id, flags, &spec, NULL);
}

static long now(clockid_t clock) {
    struct timespec time;
    return clock_gettime(clock, &time) == 0 ? time.tv_sec * 1000000000L + time.tv_nsec : -1;
}

static void spin(long nanoseconds) {
    const long end = now(CLOCK_THREAD_CPUTIME_ID) + nanoseconds;
    while (now(CLOCK_THREAD_CPUTIME_ID) < end)
        ;
}

static pthread_t g_worker;
static volatile int g_worker_id;
static void* work(void* unused) {
    g_worker_id = (int)syscall(SYS_gettid);
    while (!g_stop)
        spin(1000000);
    return unused;
}

static void test_threads(void) {
    install(SIGUSR1);
    pthread_create(&g_worker, NULL, work, NULL);
    while (g_worker_id == 0)
        sched_yield();
    clockid_t clock;
    check("a thread's clock", pthread_getcpuclockid(g_worker, &clock) == 0);
    const long before = now(clock);
    struct timespec pause = {0, 50000000};
    nanosleep(&pause, NULL);
    check("goes on while it works", before >= 0 && now(clock) > before);
    check("this one's does not", now(CLOCK_THREAD_CPUTIME_ID) < now(CLOCK_PROCESS_CPUTIME_ID));
    int timer;
    show("a timer for another thread",
         create(CLOCK_MONOTONIC, SIGEV_THREAD_ID, g_worker_id, 1, &timer) != 0);
    set(timer, 0, 5000000, 0);
    while (g_count == 0)
        nanosleep(&pause, NULL);
    check("reaches it", g_thread == g_worker_id && g_values[1] == 1);
    syscall(SYS_timer_delete, timer);
    g_count = 0;
    show("a timer on its CPU time", create(clock, SIGEV_THREAD_ID, g_worker_id, 2, &timer) != 0);
    set(timer, 0, 10000000, 10000000);
    while (g_count < 3)
        nanosleep(&pause, NULL);
    check("fires while it works", g_values[2] >= 3 && g_thread == g_worker_id);
    syscall(SYS_timer_delete, timer);
    g_stop = 1;
    pthread_join(g_worker, NULL);
}

// Two timers of one signal while it is blocked: each is delivered, and counts what it missed.
static void test_blocked(void) {
    sigset_t block, old;
    int first, second;
    sigemptyset(&block);
    sigaddset(&block, SIGUSR1);
    sigprocmask(SIG_BLOCK, &block, &old);
    memset((void*)g_values, 0, sizeof(g_values));
    create(CLOCK_MONOTONIC, SIGEV_SIGNAL, 0, 1, &first);
    create(CLOCK_BOOTTIME, SIGEV_SIGNAL, 0, 2, &second);
    set(first, 0, 2000000, 0);
    set(second, 0, 2000000, 0);
    struct timespec pause = {0, 60000000};
    nanosleep(&pause, NULL);
    sigprocmask(SIG_SETMASK, &old, NULL);
    check("both timers' signals came", g_values[1] == 1 && g_values[2] == 1);
    syscall(SYS_timer_delete, first);
    syscall(SYS_timer_delete, second);
    create(CLOCK_MONOTONIC, SIGEV_SIGNAL, 0, 3, &first);
    sigprocmask(SIG_BLOCK, &block, &old);
    set(first, 0, 2000000, 2000000);
    nanosleep(&pause, NULL);
    siginfo_t info;
    const struct timespec zero = {0, 0};
    check("a pending timer's signal", sigtimedwait(&block, &info, &zero) == SIGUSR1);
    check("tells how often it expired", info.si_overrun >= 5);
    check("and so does the timer", syscall(SYS_timer_getoverrun, first) >= 5);
    syscall(SYS_timer_delete, first);
    sigtimedwait(&block, &info, &zero);
    sigprocmask(SIG_SETMASK, &old, NULL);
}

static void test_errors(void) {
    int timer = -1;
    show("no such thread", create(CLOCK_MONOTONIC, SIGEV_THREAD_ID, 99999999, 1, &timer));
    show("no such way", create(CLOCK_MONOTONIC, 9, 0, 1, &timer));
    show("a raw clock", create(CLOCK_MONOTONIC_RAW, SIGEV_SIGNAL, 0, 1, &timer));
    show("a coarse clock", create(CLOCK_REALTIME_COARSE, SIGEV_SIGNAL, 0, 1, &timer));
    show("no such clock", create(77, SIGEV_SIGNAL, 0, 1, &timer));
    check("the process's CPU time", create(CLOCK_PROCESS_CPUTIME_ID, 1, 0, 1, &timer) == 0);
    show("a negative time", set(timer, 0, -1, 0));
    show("more than a second of nanoseconds", set(timer, 0, 1000000000, 0));
    show("a time that passed", set(timer, TIMER_ABSTIME, 1, 0));
    syscall(SYS_timer_delete, timer);
    show("a timer that has gone", set(timer, 0, 1, 0));
    show("deleted twice", syscall(SYS_timer_delete, timer));
    show("its overrun", syscall(SYS_timer_getoverrun, timer));
    struct timespec time = {0, 1000};
    const clockid_t clocks[] = {CLOCK_REALTIME,
                                CLOCK_MONOTONIC,
                                CLOCK_BOOTTIME,
                                CLOCK_TAI,
                                CLOCK_MONOTONIC_RAW,
                                CLOCK_REALTIME_COARSE,
                                CLOCK_MONOTONIC_COARSE,
                                CLOCK_THREAD_CPUTIME_ID,
                                77};
    for (unsigned i = 0; i < sizeof(clocks) / sizeof(*clocks); i++) {
        printf("clock %d: ", (int)clocks[i]);
        show("clock_nanosleep", syscall(SYS_clock_nanosleep, clocks[i], 0, &time, NULL));
    }
    time.tv_nsec = 1000000000;
    show("a bad time", syscall(SYS_nanosleep, &time, NULL));
    time = (struct timespec){-1, 0};
    show("a negative time", syscall(SYS_nanosleep, &time, NULL));
    show("a bad address", syscall(SYS_nanosleep, 8, NULL));
    show("the resolution of no clock", clock_getres(77, &time));
    show("the time of no clock", clock_gettime(77, &time));
    struct rusage usage;
    show("a thread's usage", getrusage(RUSAGE_THREAD, &usage));
    show("nobody's", getrusage(9, &usage));
}

// Sleeping on CPU time, which another thread spends.
static void test_sleep_on_cpu_time(void) {
    g_stop = 0;
    pthread_create(&g_worker, NULL, work, NULL);
    const long before = now(CLOCK_PROCESS_CPUTIME_ID);
    struct timespec time = {0, 20000000};
    show("clock_nanosleep", clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &time, NULL));
    check("not too early", now(CLOCK_PROCESS_CPUTIME_ID) - before >= 20000000);
    g_stop = 1;
    pthread_join(g_worker, NULL);
}

static void test_virtual(void) {
    install(SIGVTALRM);
    g_count = 0;
    const struct itimerval on = {{0, 5000}, {0, 5000}}, off = {{0, 0}, {0, 0}};
    setitimer(ITIMER_VIRTUAL, &on, NULL);
    while (g_count < 3)
        spin(1000000);
    setitimer(ITIMER_VIRTUAL, &off, NULL);
    check("a timer on virtual time", g_count >= 3);
}

int main(void) {
    test_threads();
    test_blocked();
    test_errors();
    test_sleep_on_cpu_time();
    test_virtual();
    return failures != 0;
}
