// Which calls go on after a handler with SA_RESTART, and which end with EINTR whatever it says.
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "../check.h"

enum { FUTEX_WAIT = 0, FUTEX_WAKE = 1, FUTEX_WAIT_BITSET = 9 };

static volatile int g_signals;
static void (*volatile g_finish)(void);
static timer_t g_timer;

static void arm(long nanoseconds) {
    const struct itimerspec spec = {{0, nanoseconds}, {0, nanoseconds}};
    timer_settime(g_timer, 0, &spec, NULL);
}

// The third signal makes what is waited for happen: a call that was restarted succeeds then.
static void tick(int signal) {
    (void)signal;
    if (++g_signals == 3 && g_finish != NULL)
        g_finish();
}

static void start(int flags, void (*finish)(void)) {
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = tick;
    action.sa_flags = flags;
    sigaction(SIGUSR1, &action, NULL);
    g_signals = 0;
    g_finish = finish;
    arm(15000000);
}

static long stop(long result) {
    const int error = errno;
    arm(0);
    errno = error;
    return result;
}

static int g_pipe[2], g_full[2], g_event, g_sockets[2], g_timer_fd;
static uint32_t g_word;
static struct sockaddr_un g_name;
static socklen_t g_name_size;

static void put_byte(void) {
    write(g_pipe[1], "x", 1);
}
static void drain(void) {
    char bytes[65536];
    read(g_full[0], bytes, sizeof(bytes));
}
static void signal_event(void) {
    const uint64_t one = 1;
    write(g_event, &one, sizeof(one));
}
static void wake_word(void) {
    g_word = 1;
    syscall(SYS_futex, &g_word, FUTEX_WAKE, 1, NULL, NULL, 0);
}
static void send_byte(void) {
    send(g_sockets[1], "y", 1, 0);
}
static void connect_to_it(void) {
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    connect(fd, (struct sockaddr*)&g_name, g_name_size);
}
static void arm_timer_fd(void) {
    const struct itimerspec spec = {{0, 0}, {0, 1}};
    timerfd_settime(g_timer_fd, 0, &spec, NULL);
}

static void test_both(int flags) {
    char byte, bytes[65536];
    uint64_t count;
    memset(bytes, 0, sizeof(bytes));
    printf("ok flags %x\n", (unsigned)flags);
    start(flags, put_byte);
    show("read", stop(read(g_pipe[0], &byte, 1)));
    start(flags, signal_event);
    show("read of an eventfd", stop(read(g_event, &count, sizeof(count))));
    start(flags, arm_timer_fd);
    show("read of a timerfd", stop(read(g_timer_fd, &count, sizeof(count))));
    start(flags, drain);
    show("write", stop(write(g_full[1], bytes, 4096)));
    start(flags, send_byte);
    show("recv", stop(recv(g_sockets[0], &byte, 1, 0)));
    const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    g_name = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(g_name.sun_path + 1, 40, "restarts-%d-%x", (int)getpid(), (unsigned)flags);
    g_name_size = (socklen_t)(sizeof(sa_family_t) + 1 + strlen(g_name.sun_path + 1));
    bind(listener, (struct sockaddr*)&g_name, g_name_size);
    listen(listener, 4);
    start(flags, connect_to_it);
    const long accepted = stop(accept(listener, NULL, NULL));
    printf("ok accept: %d\n", accepted >= 0 ? 0 : errno);
    g_word = 0;
    start(flags, wake_word);
    show("futex", stop(syscall(SYS_futex, &g_word, FUTEX_WAIT, 0, NULL, NULL, 0)));
    struct timespec longer = {100, 0};
    g_word = 1;
    start(flags, wake_word);
    show("futex with a timeout",
         stop(syscall(SYS_futex, &g_word, FUTEX_WAIT, 1, &longer, NULL, 0)));
    start(flags, NULL);
    show("nanosleep", stop(syscall(SYS_nanosleep, &longer, NULL)));
    clock_gettime(CLOCK_MONOTONIC, &longer);
    longer.tv_sec += 100;
    start(flags, NULL);
    show("clock_nanosleep",
         stop(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &longer, NULL)));
    struct pollfd nothing = {g_pipe[0], POLLIN, 0};
    start(flags, NULL);
    show("poll", stop(poll(&nothing, 1, 100000)));
    start(flags, NULL);
    show("ppoll", stop(ppoll(&nothing, 1, NULL, NULL)));
    fd_set set;
    FD_ZERO(&set);
    FD_SET(g_pipe[0], &set);
    start(flags, NULL);
    show("select", stop(select(g_pipe[0] + 1, &set, NULL, NULL, NULL)));
    const int epoll = epoll_create1(0);
    struct epoll_event event = {EPOLLIN, {0}};
    epoll_ctl(epoll, EPOLL_CTL_ADD, g_pipe[0], &event);
    start(flags, NULL);
    show("epoll_wait", stop(epoll_wait(epoll, &event, 1, 100000)));
    sigset_t rest;
    sigemptyset(&rest);
    sigaddset(&rest, SIGUSR2);
    start(flags, NULL);
    show("sigwaitinfo", stop(syscall(SYS_rt_sigtimedwait, &rest, NULL, NULL, 8)));
    start(flags, NULL);
    show("pause", stop(pause()));
    sigset_t none;
    sigemptyset(&none);
    start(flags, NULL);
    show("sigsuspend", stop(sigsuspend(&none)));
    close(epoll);
    close(listener);
}

// Signals that nobody handles do not end a call.
static void test_unnoticed(void) {
    struct timespec pause = {0, 50000000}, before, after;
    signal(SIGUSR1, SIG_IGN);
    arm(5000000);
    clock_gettime(CLOCK_MONOTONIC, &before);
    show("nanosleep under ignored signals", syscall(SYS_nanosleep, &pause, NULL));
    clock_gettime(CLOCK_MONOTONIC, &after);
    check("it takes its time",
          (after.tv_sec - before.tv_sec) * 1000000000L + after.tv_nsec - before.tv_nsec >=
              50000000);
    struct pollfd nothing = {g_pipe[0], POLLIN, 0};
    show("poll under ignored signals", stop(poll(&nothing, 1, 50)));
}

int main(void) {
    struct sigevent event;
    memset(&event, 0, sizeof(event));
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGUSR1;
    timer_create(CLOCK_MONOTONIC, &event, &g_timer);
    pipe(g_pipe);
    pipe2(g_full, O_NONBLOCK);
    char bytes[4096] = {0};
    while (write(g_full[1], bytes, sizeof(bytes)) > 0)
        ;
    fcntl(g_full[1], F_SETFL, 0);
    g_event = eventfd(0, 0);
    g_timer_fd = timerfd_create(CLOCK_MONOTONIC, 0);
    socketpair(AF_UNIX, SOCK_STREAM, 0, g_sockets);
    test_both(0);
    // What the third signal brought about is still there.
    char byte;
    uint64_t count;
    fcntl(g_pipe[0], F_SETFL, O_NONBLOCK);
    fcntl(g_event, F_SETFL, O_NONBLOCK);
    read(g_pipe[0], &byte, 1);
    read(g_event, &count, sizeof(count));
    fcntl(g_pipe[0], F_SETFL, 0);
    fcntl(g_event, F_SETFL, 0);
    fcntl(g_full[1], F_SETFL, O_NONBLOCK);
    while (write(g_full[1], bytes, sizeof(bytes)) > 0)
        ;
    fcntl(g_full[1], F_SETFL, 0);
    test_both(SA_RESTART);
    test_unnoticed();
    return failures != 0;
}
