/* System calls whose memory goes away, or was never to be had, while they are at work. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}

enum { PAGE = 4096 };
static const int k_rw = PROT_READ | PROT_WRITE;

/* What the other thread does to the page once the call is under way, and to end the waiting. */
struct Attack {
    char* page;
    int protection; /* -1: unmap */
    int wakes;      /* a descriptor */
    atomic_int started;
};

static void* attack(void* argument) {
    struct Attack* plan = argument;
    while (!atomic_load(&plan->started))
        sched_yield();
    for (int i = 0; i < 50; i++)
        sched_yield();
    if (plan->protection < 0)
        munmap(plan->page, PAGE);
    else
        mprotect(plan->page, PAGE, plan->protection);
    write(plan->wakes, "abc", 3);
    return NULL;
}

typedef long Call(int descriptor, char* page);

static long call_read(int descriptor, char* page) {
    return read(descriptor, page, 16);
}
static long call_readv(int descriptor, char* page) {
    struct iovec part = {page, 16};
    return readv(descriptor, &part, 1);
}
static long call_recv(int descriptor, char* page) {
    return recv(descriptor, page, 16, 0);
}
static long call_poll(int descriptor, char* page) {
    struct pollfd* wanted = (void*)page;
    return poll(wanted, 1, -1);
}
static long call_select(int descriptor, char* page) {
    return select(descriptor + 1, (fd_set*)page, NULL, NULL, NULL);
}
static long call_epoll(int descriptor, char* page) {
    int set = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event);
    long result = epoll_wait(set, (void*)page, 4, -1);
    int error = errno;
    close(set);
    errno = error;
    return result;
}

static void under_attack(const char* name, Call* call, int protection, const int ends[2]) {
    struct Attack plan = {.protection = protection, .wakes = ends[1]};
    plan.page = mmap(NULL, PAGE, k_rw, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (call == call_poll)
        *(struct pollfd*)plan.page = (struct pollfd){ends[0], POLLIN, 0};
    if (call == call_select)
        FD_SET(ends[0], (fd_set*)plan.page);
    pthread_t thread;
    pthread_create(&thread, NULL, attack, &plan);
    atomic_store(&plan.started, 1);
    long result = call(ends[0], plan.page);
    int error = errno;
    pthread_join(thread, NULL);
    check(name, result == -1 && error == EFAULT);
    munmap(plan.page, PAGE);
    close(ends[0]);
    close(ends[1]);
}

static void test_waiting_calls(void) {
    static const struct {
        const char* name;
        Call* call;
    } calls[] = {{"read", call_read},
                 {"readv", call_readv},
                 {"poll", call_poll},
                 {"select", call_select},
                 {"epoll_wait", call_epoll}};
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        char name[64];
        int ends[2];
        pipe(ends);
        snprintf(name, sizeof name, "%s into memory that is unmapped meanwhile", calls[i].name);
        under_attack(name, calls[i].call, -1, ends);
        pipe(ends);
        snprintf(name, sizeof name, "%s into memory that is protected meanwhile", calls[i].name);
        under_attack(name, calls[i].call, PROT_READ, ends);
    }
    int ends[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    under_attack("recv from a socket pair", call_recv, -1, ends);
    socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
    under_attack("recv of a datagram", call_recv, PROT_NONE, ends);
}

static void test_loopback(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    bind(listener, (struct sockaddr*)&address, sizeof address);
    listen(listener, 1);
    getsockname(listener, (struct sockaddr*)&address, &size);
    int ends[2];
    ends[1] = socket(AF_INET, SOCK_STREAM, 0);
    connect(ends[1], (struct sockaddr*)&address, sizeof address);
    ends[0] = accept(listener, NULL, NULL);
    under_attack("recv over TCP", call_recv, -1, ends);
    close(listener);
}

static void test_beyond_the_end(void) {
    char name[] = "lost_access_XXXXXX";
    int file = mkstemp(name);
    unlink(name);
    ftruncate(file, 100);
    char* memory = mmap(NULL, 2 * PAGE, k_rw, MAP_SHARED, file, 0);
    char* own = mmap(NULL, 2 * PAGE, k_rw, MAP_PRIVATE, file, 0);
    int ends[2];
    pipe(ends);
    check("what lies behind a file's end cannot be written",
          write(ends[1], memory + PAGE, 10) == -1 && errno == EFAULT);
    check("nor sent from a private mapping",
          write(ends[1], own + PAGE, 10) == -1 && errno == EFAULT);
    write(ends[1], "abcdefgh", 8);
    check("nor read into", read(ends[0], memory + PAGE, 4) == -1 && errno == EFAULT);
    write(ends[1], "abcdefgh", 8);
    check("nor into a private mapping", read(ends[0], own + PAGE, 4) == -1 && errno == EFAULT);
    check("a futex there",
          syscall(SYS_futex, memory + PAGE, 0 /* FUTEX_WAIT */, 0, NULL, NULL, 0) == -1 &&
              errno == EFAULT);
    check("a time there", nanosleep((void*)(memory + PAGE), NULL) == -1 && errno == EFAULT);
    check("a path there", open(memory + PAGE, O_RDONLY) == -1 && errno == EFAULT);
    check("a set of signals there",
          sigprocmask(SIG_BLOCK, NULL, (sigset_t*)(memory + PAGE)) == -1 && errno == EFAULT);
    memory[0] = 'x';
    check("what lies in the file is good still",
          write(ends[1], memory, 1) == 1 && read(file, name, 1) == 1 && name[0] == 'x');
    close(ends[0]);
    close(ends[1]);
    close(file);
}

/* The page that stood in for the lost one must not be seen by the program. */
static void test_nothing_stays(void) {
    int ends[2];
    pipe(ends);
    struct Attack plan = {.protection = -1, .wakes = ends[1]};
    plan.page = mmap(NULL, PAGE, k_rw, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pthread_t thread;
    pthread_create(&thread, NULL, attack, &plan);
    atomic_store(&plan.started, 1);
    long result = read(ends[0], plan.page, 16);
    pthread_join(thread, NULL);
    char* again =
        mmap(plan.page, PAGE, k_rw, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    check("the place is free", result == -1 && again == plan.page);
    check("and fresh", again[0] == 0 && again[1] == 0);
    again[0] = 1;
    check("and keeps its contents", again[0] == 1 && again[PAGE - 1] == 0);
    munmap(again, PAGE);
}

int main(void) {
    test_waiting_calls();
    test_loopback();
    test_beyond_the_end();
    test_nothing_stays();
    return failures != 0;
}
