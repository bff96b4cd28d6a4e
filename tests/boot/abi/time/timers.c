// Interval timers, alarm, and timer_create in its kinds.
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}

static volatile int g_count, g_value, g_code;

static void note(int signal, siginfo_t* info, void* context) {
    (void)signal;
    (void)context;
    g_count++;
    g_code = info->si_code;
    g_value = info->si_value.sival_int;
}

static void install(int signal) {
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_sigaction = note;
    action.sa_flags = SA_SIGINFO;
    sigaction(signal, &action, NULL);
}

static void wait_for(int count) {
    const time_t limit = time(NULL) + 20;
    while (g_count < count && time(NULL) < limit) {
        struct timespec pause = {0, 1000000};
        nanosleep(&pause, NULL);
    }
}

static void spin_for(int count) {
    const time_t limit = time(NULL) + 20;
    while (g_count < count && time(NULL) < limit)
        ;
}

static void test_interval(void) {
    struct itimerval timer = {{0, 10000}, {0, 10000}}, now;
    install(SIGALRM);
    g_count = 0;
    check("setitimer", setitimer(ITIMER_REAL, &timer, NULL) == 0);
    wait_for(5);
    check("it fires again and again", g_count >= 5);
    check("getitimer", getitimer(ITIMER_REAL, &now) == 0 && now.it_interval.tv_usec == 10000);
    spin_for(10);
    check("while the program computes, too", g_count >= 10);
    memset(&timer, 0, sizeof(timer));
    setitimer(ITIMER_REAL, &timer, &now);
    check("stopping tells what was set", now.it_interval.tv_usec == 10000);
    getitimer(ITIMER_REAL, &now);
    check("stopped", now.it_value.tv_sec == 0 && now.it_value.tv_usec == 0);

    install(SIGPROF);
    g_count = 0;
    timer = (struct itimerval){{0, 5000}, {0, 5000}};
    setitimer(ITIMER_PROF, &timer, NULL);
    spin_for(3);
    check("a timer on CPU time", g_count >= 3);
    memset(&timer, 0, sizeof(timer));
    setitimer(ITIMER_PROF, &timer, NULL);

    check("alarm", alarm(100) == 0 && alarm(0) == 100 && alarm(0) == 0);
    check("no such timer", getitimer(7, &now) == -1 && errno == EINVAL);
    timer.it_value.tv_usec = 1000000;
    check("a bad time", setitimer(ITIMER_REAL, &timer, NULL) == -1 && errno == EINVAL);
}

static void test_created(void) {
    timer_t timer;
    struct sigevent event;
    struct itimerspec spec = {{0, 0}, {0, 10000000}}, now;
    memset(&event, 0, sizeof(event));
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGUSR1;
    event.sigev_value.sival_int = 4711;
    install(SIGUSR1);
    g_count = 0;
    check("timer_create", timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
    check("timer_gettime before it runs",
          timer_gettime(timer, &now) == 0 && now.it_value.tv_nsec == 0);
    check("timer_settime", timer_settime(timer, 0, &spec, NULL) == 0);
    wait_for(1);
    check("it fires with its value", g_count == 1 && g_value == 4711 && g_code == SI_TIMER);
    timer_gettime(timer, &now);
    check("once", now.it_value.tv_sec == 0 && now.it_value.tv_nsec == 0);

    sigset_t block, old;
    sigemptyset(&block);
    sigaddset(&block, SIGUSR1);
    sigprocmask(SIG_BLOCK, &block, &old);
    spec = (struct itimerspec){{0, 2000000}, {0, 2000000}};
    timer_settime(timer, 0, &spec, NULL);
    struct timespec pause = {0, 50000000};
    nanosleep(&pause, NULL);
    g_count = 0;
    sigprocmask(SIG_SETMASK, &old, NULL);
    check("expirations while the signal is pending are counted",
          g_count >= 1 && timer_getoverrun(timer) >= 0);
    check("timer_delete", timer_delete(timer) == 0);

    struct timespec point;
    clock_gettime(CLOCK_REALTIME, &point);
    point.tv_nsec += 10000000;
    if (point.tv_nsec >= 1000000000) {
        point.tv_nsec -= 1000000000;
        point.tv_sec++;
    }
    g_count = 0;
    spec = (struct itimerspec){{0, 0}, point};
    timer_create(CLOCK_REALTIME, &event, &timer);
    timer_settime(timer, TIMER_ABSTIME, &spec, NULL);
    wait_for(1);
    check("a point on the wall clock", g_count == 1);
    timer_delete(timer);

    event.sigev_notify = SIGEV_NONE;
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    spec = (struct itimerspec){{0, 0}, {100, 0}};
    timer_settime(timer, 0, &spec, NULL);
    timer_gettime(timer, &now);
    check("one that only counts", now.it_value.tv_sec == 99 || now.it_value.tv_sec == 100);
    timer_delete(timer);

    check("no such clock", timer_create(99, &event, &timer) == -1 && errno == EINVAL);
}

static volatile int g_called;
static void call(union sigval value) {
    g_called += value.sival_int;
}

static void test_thread(void) {
    timer_t timer;
    struct sigevent event;
    memset(&event, 0, sizeof(event));
    event.sigev_notify = SIGEV_THREAD;
    event.sigev_notify_function = call;
    event.sigev_value.sival_int = 3;
    const struct itimerspec spec = {{0, 0}, {0, 10000000}};
    check("a timer that calls in a thread", timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
    timer_settime(timer, 0, &spec, NULL);
    const time_t limit = time(NULL) + 20;
    while (g_called == 0 && time(NULL) < limit) {
        struct timespec pause = {0, 1000000};
        nanosleep(&pause, NULL);
    }
    check("calls", g_called == 3);
    timer_delete(timer);
}

int main(void) {
    test_interval();
    test_created();
    test_thread();
    return failures != 0;
}
