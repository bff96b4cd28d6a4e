// Signals and waits: EINTR, SA_RESTART, sigsuspend, sigtimedwait, real-time queues, threads.
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}

static volatile int g_count;
static int g_order[16], g_ordered;

static void count(int signal) {
    (void)signal;
    g_count++;
}

static void note(int signal, siginfo_t* info, void* context) {
    (void)signal;
    (void)context;
    if (g_ordered < 16)
        g_order[g_ordered++] = info->si_value.sival_int;
}

static void install(int signal, void (*handler)(int), int flags) {
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigaction(signal, &action, NULL);
}

// SIGALRM after 20 ms and every 20 ms, since the first may come before the wait.
static void alarms(int on) {
    const struct itimerval timer = {{0, on ? 20000 : 0}, {0, on ? 20000 : 0}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void test_interrupted_calls(void) {
    char byte;
    int ends[2];
    pipe(ends);
    install(SIGALRM, count, 0);
    alarms(1);
    check("read is interrupted", read(ends[0], &byte, 1) == -1 && errno == EINTR);
    struct timespec time = {100, 0}, left = {0, 0};
    check("nanosleep is interrupted", nanosleep(&time, &left) == -1 && errno == EINTR);
    check("and tells what is left", left.tv_sec == 99 && left.tv_nsec > 0);
    check("pause", pause() == -1 && errno == EINTR);
    alarms(0);
}

static int g_ends[2];
static volatile int g_restarted_count;
static void write_on_third(int signal) {
    (void)signal;
    if (++g_restarted_count == 3)
        write(g_ends[1], "x", 1);
}

static void test_restart(void) {
    char byte = 0;
    pipe(g_ends);
    install(SIGALRM, write_on_third, SA_RESTART);
    alarms(1);
    check("read goes on after SA_RESTART handlers", read(g_ends[0], &byte, 1) == 1 && byte == 'x');
    check("which ran", g_restarted_count >= 3);
    struct timespec time = {100, 0};
    check("nanosleep does not", nanosleep(&time, NULL) == -1 && errno == EINTR);
    alarms(0);
}

static void test_suspend(void) {
    sigset_t block, old;
    sigemptyset(&block);
    sigaddset(&block, SIGUSR1);
    sigprocmask(SIG_BLOCK, &block, &old);
    install(SIGUSR1, count, 0);
    g_count = 0;
    raise(SIGUSR1);
    sigset_t open = old;
    check("sigsuspend takes a pending signal",
          sigsuspend(&open) == -1 && errno == EINTR && g_count == 1);
    sigset_t now;
    sigprocmask(SIG_BLOCK, NULL, &now);
    check("and restores the mask", sigismember(&now, SIGUSR1) == 1);

    siginfo_t info;
    struct timespec zero = {0, 0}, some = {0, 20000000};
    check("sigtimedwait without a signal",
          sigtimedwait(&block, &info, &zero) == -1 && errno == EAGAIN);
    check("sigtimedwait waits", sigtimedwait(&block, &info, &some) == -1 && errno == EAGAIN);
    raise(SIGUSR1);
    check("sigtimedwait takes a signal",
          sigtimedwait(&block, &info, &some) == SIGUSR1 && info.si_signo == SIGUSR1);
    check("without its handler", g_count == 1);
    sigprocmask(SIG_SETMASK, &old, NULL);
}

static void test_queue(void) {
    struct sigaction action;
    sigset_t block, old;
    memset(&action, 0, sizeof(action));
    action.sa_sigaction = note;
    action.sa_flags = SA_SIGINFO;
    const int first = SIGRTMIN + 2, second = SIGRTMIN + 3;
    sigaction(first, &action, NULL);
    sigaction(second, &action, NULL);
    sigemptyset(&block);
    sigaddset(&block, first);
    sigaddset(&block, second);
    sigprocmask(SIG_BLOCK, &block, &old);
    for (int i = 0; i < 4; i++) {
        sigqueue(getpid(), second, (union sigval){.sival_int = 10 + i});
        sigqueue(getpid(), first, (union sigval){.sival_int = i});
    }
    sigprocmask(SIG_SETMASK, &old, NULL);
    check("real-time signals queue", g_ordered == 8);
    // The last handler to be entered runs first, so numbers come back from the highest.
    int seen[2] = {0, 0}, increasing = 1;
    for (int i = 0; i < g_ordered; i++) {
        int* counter = &seen[g_order[i] >= 10];
        (*counter)++;
        increasing &= g_order[i] % 10 < 4;
    }
    check("each with its value", seen[0] == 4 && seen[1] == 4 && increasing);
    sigprocmask(SIG_BLOCK, &block, &old);
    for (int i = 0; i < 3; i++)
        sigqueue(getpid(), first, (union sigval){.sival_int = 20 + i});
    siginfo_t info;
    int in_order = 1;
    for (int i = 0; i < 3; i++)
        in_order &= sigwaitinfo(&block, &info) == first && info.si_value.sival_int == 20 + i;
    check("taken in the order of sending", in_order);
    sigprocmask(SIG_SETMASK, &old, NULL);
}

static volatile int g_thread_ready, g_thread_got;
static pthread_t g_receiver;
static void in_thread(int signal) {
    (void)signal;
    g_thread_got = pthread_equal(pthread_self(), g_receiver);
}

static void* receive(void* unused) {
    (void)unused;
    g_thread_ready = 1;
    while (!g_thread_got)
        pause();
    return NULL;
}

static void* wait_for(void* set) {
    int signal = 0;
    sigwait(set, &signal);
    return (void*)(long)signal;
}

static void test_threads(void) {
    install(SIGUSR2, in_thread, 0);
    pthread_create(&g_receiver, NULL, receive, NULL);
    while (!g_thread_ready)
        sched_yield();
    while (!g_thread_got) {
        pthread_kill(g_receiver, SIGUSR2);
        usleep(1000);
    }
    pthread_join(g_receiver, NULL);
    check("pthread_kill reaches its thread", g_thread_got == 1);

    sigset_t block;
    sigemptyset(&block);
    sigaddset(&block, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &block, NULL);
    pthread_create(&g_receiver, NULL, wait_for, &block);
    kill(getpid(), SIGTERM);
    void* result;
    pthread_join(g_receiver, &result);
    check("sigwait in a thread takes the process's signal", (long)result == SIGTERM);
}

int main(void) {
    test_interrupted_calls();
    test_restart();
    test_suspend();
    test_queue();
    test_threads();
    return failures != 0;
}
