// signalfd: signals read from a file.
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../check.h"

static void show_record(const char* name, const struct signalfd_siginfo* record) {
    printf("ok %s: signal %u, code %d, own %d, user %u, value %d %lx, overrun %u\n", name,
           record->ssi_signo, record->ssi_code, record->ssi_pid == (unsigned)getpid(),
           record->ssi_uid, record->ssi_int, (unsigned long)record->ssi_ptr, record->ssi_overrun);
}

static int readable(int fd) {
    struct pollfd entry = {fd, POLLIN, 0};
    return poll(&entry, 1, 0);
}

static void test_reading(int fd) {
    struct signalfd_siginfo records[4];
    show("read of nothing", read(fd, records, sizeof(records)));
    printf("ok readable %d\n", readable(fd));
    kill(getpid(), SIGUSR1);
    printf("ok readable %d\n", readable(fd));
    show("a short read", read(fd, records, 100));
    show("read", read(fd, records, sizeof(records)));
    show_record("kill", &records[0]);
    printf("ok readable %d\n", readable(fd));
    raise(SIGUSR2);
    sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_int = 7});
    sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_ptr = (void*)0x123456789a});
    show("read of several", read(fd, records, sizeof(records)));
    show_record("raise", &records[0]);
    show_record("sigqueue", &records[1]);
    show_record("sigqueue", &records[2]);
    timer_t timer;
    struct sigevent event;
    memset(&event, 0, sizeof(event));
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGUSR1;
    event.sigev_value.sival_int = 99;
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    const struct itimerspec spec = {{0, 0}, {0, 1000000}};
    timer_settime(timer, 0, &spec, NULL);
    struct pollfd entry = {fd, POLLIN, 0};
    show("poll", poll(&entry, 1, 10000));
    read(fd, records, sizeof(records));
    printf("ok timer: signal %u, code %d, value %d\n", records[0].ssi_signo, records[0].ssi_code,
           records[0].ssi_int);
    timer_delete(timer);
}

static void* send_later(void* unused) {
    usleep(20000);
    kill(getpid(), SIGUSR1);
    return unused;
}

static void test_waiting(int fd) {
    struct signalfd_siginfo record;
    fcntl(fd, F_SETFL, 0);
    pthread_t thread;
    pthread_create(&thread, NULL, send_later, NULL);
    show("a read that waits", read(fd, &record, sizeof(record)));
    pthread_join(thread, NULL);
    const int epoll = epoll_create1(0);
    struct epoll_event event = {EPOLLIN | EPOLLET, {0}};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    pthread_create(&thread, NULL, send_later, NULL);
    show("epoll_wait", epoll_wait(epoll, &event, 1, 10000));
    pthread_join(thread, NULL);
    show("read", read(fd, &record, sizeof(record)));
    close(epoll);
    fcntl(fd, F_SETFL, O_NONBLOCK);
}

static void test_errors(int fd, sigset_t* set) {
    struct signalfd_siginfo record;
    show("a file of another kind", signalfd(0, set, 0));
    show("no file", signalfd(99, set, 0));
    show("unknown flags", signalfd(-1, set, 1));
    show("a set of another size", syscall(SYS_signalfd4, -1, set, 4, 0));
    show("a set at a bad address", syscall(SYS_signalfd4, -1, 8, 8, 0));
    show("write", write(fd, &record, sizeof(record)));
    sigset_t other;
    sigemptyset(&other);
    sigaddset(&other, SIGHUP);
    sigaddset(&other, SIGKILL);
    sigprocmask(SIG_BLOCK, &other, NULL);
    kill(getpid(), SIGHUP);
    printf("ok readable %d\n", readable(fd));
    check("another set for it", signalfd(fd, &other, 0) == fd);
    printf("ok readable %d\n", readable(fd));
    show("read", read(fd, &record, sizeof(record)));
    printf("ok signal %u\n", record.ssi_signo);
    const int older = (int)syscall(SYS_signalfd, -1, set, 8);
    check("the older call", older > 0 && (fcntl(older, F_GETFL) & O_ACCMODE) == O_RDWR);
    close(older);
}

int main(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigaddset(&set, SIGRTMIN + 3);
    sigprocmask(SIG_BLOCK, &set, NULL);
    const int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    check("signalfd", fd > 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
    test_reading(fd);
    test_waiting(fd);
    test_errors(fd, &set);
    return failures != 0;
}
