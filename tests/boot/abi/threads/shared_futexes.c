// Futexes in shared mappings, known by what is mapped; several at once; owners that end.
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../check.h"

enum { FUTEX_WAIT = 0, FUTEX_WAKE = 1, PRIVATE = 128, WAITV = 449 };
#define OWNER_DIED 0x40000000U

struct waiter {
    uint64_t value, address;
    uint32_t flags, reserved;
};
struct robust_list {
    struct robust_list* next;
};
struct robust_head {
    struct robust_list list;
    long offset;
    struct robust_list* pending;
};

static long futex(volatile uint32_t* word, int operation, uint32_t value, const void* fourth) {
    return syscall(SYS_futex, word, operation, value, fourth, NULL, 0);
}

static void* wait_shared(void* word) {
    return (void*)futex(word, FUTEX_WAIT, 0, NULL);
}

// Wakes until the other thread was there to be woken.
static int wakes(volatile uint32_t* waited, volatile uint32_t* woken) {
    pthread_t thread;
    pthread_create(&thread, NULL, wait_shared, (void*)waited);
    long count = 0;
    for (int i = 0; i < 2000 && count == 0; i++) {
        count = futex(woken, FUTEX_WAKE, 1, NULL);
        usleep(1000);
    }
    *waited = 1;
    futex(waited, FUTEX_WAKE, 1, NULL);
    pthread_join(thread, NULL);
    *waited = 0;
    return (int)count;
}

static void test_two_views(void) {
    char name[] = "/tmp/words-XXXXXX";
    const int fd = mkstemp(name);
    unlink(name);
    ftruncate(fd, 8192);
    uint32_t* first = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    uint32_t* second = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    uint32_t* page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 4096);
    check("one file at two places", wakes(first + 4, second + 4) == 1);
    check("one page of it at another offset", wakes(first + 1024 + 6, page + 6) == 1);
    uint32_t* own = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    check("shared and anonymous", wakes(own + 2, own + 2) == 1);
    close(fd);
}

static uint32_t g_words[3];
static long g_waited;
static void* wait_several(void* unused) {
    (void)unused;
    struct waiter waiters[3];
    for (int i = 0; i < 3; i++)
        waiters[i] = (struct waiter){0, (uint64_t)&g_words[i], 2 | PRIVATE, 0};
    g_waited = syscall(WAITV, waiters, 3, 0, NULL, 0);
    return NULL;
}

static void test_several(void) {
    struct waiter one = {5, (uint64_t)&g_words[0], 2 | PRIVATE, 0};
    struct timespec past = {0, 1};
    show("futex_waitv with another value", syscall(WAITV, &one, 1, 0, NULL, 0));
    one.value = 0;
    show("futex_waitv in time", syscall(WAITV, &one, 1, 0, &past, CLOCK_MONOTONIC));
    show("futex_waitv by another clock", syscall(WAITV, &one, 1, 0, &past, CLOCK_BOOTTIME));
    show("futex_waitv of none", syscall(WAITV, &one, 0, 0, NULL, 0));
    show("futex_waitv of too many", syscall(WAITV, &one, 129, 0, NULL, 0));
    show("futex_waitv with flags", syscall(WAITV, &one, 1, 1, NULL, 0));
    one.flags = 1 | PRIVATE;
    show("futex_waitv of another size", syscall(WAITV, &one, 1, 0, NULL, 0));
    one.flags = 2 | PRIVATE;
    one.reserved = 1;
    show("futex_waitv with something reserved", syscall(WAITV, &one, 1, 0, NULL, 0));
    pthread_t thread;
    pthread_create(&thread, NULL, wait_several, NULL);
    long woken = 0;
    while (woken == 0) {
        woken = futex(&g_words[1], FUTEX_WAKE | PRIVATE, 1, NULL);
        sched_yield();
    }
    pthread_join(thread, NULL);
    printf("ok futex_waitv was woken by number %ld\n", g_waited);
}

// A thread that dies between taking a lock and listing it, and between unlocking and waking.
static struct {
    struct robust_list list;
    uint32_t word;
} g_lock;
static struct robust_head g_head;
static void* die(void* own) {
    g_head.list.next = &g_head.list;
    g_head.offset = (char*)&g_lock.word - (char*)&g_lock.list;
    g_head.pending = &g_lock.list;
    g_lock.word = own != NULL ? (uint32_t)syscall(SYS_gettid) : 0;
    syscall(SYS_set_robust_list, &g_head, sizeof(g_head));
    return NULL;
}

static void test_pending(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, die, "");
    pthread_join(thread, NULL);
    while (__atomic_load_n(&g_lock.word, __ATOMIC_SEQ_CST) != OWNER_DIED)
        sched_yield();
    check("a lock that was just being taken", g_lock.word == OWNER_DIED);
    show("a head of another size", syscall(SYS_set_robust_list, &g_head, 23));
    struct robust_head* head = NULL;
    size_t size = 0;
    syscall(SYS_get_robust_list, 0, &head, &size);
    printf("ok head of %zu bytes\n", size);
    show("of no thread", syscall(SYS_get_robust_list, 99999999, &head, &size));
}

static pthread_mutex_t g_mutex;
static void* take_and_die(void* unused) {
    (void)unused;
    pthread_mutex_lock(&g_mutex);
    return NULL;
}

static void test_robust(int shared) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&attributes,
                                 shared ? PTHREAD_PROCESS_SHARED : PTHREAD_PROCESS_PRIVATE);
    pthread_mutex_init(&g_mutex, &attributes);
    pthread_t thread;
    pthread_create(&thread, NULL, take_and_die, NULL);
    const int locked = pthread_mutex_lock(&g_mutex);
    const int again = locked == 0 ? 0 : locked;
    // It may have been free still when this thread came first.
    if (locked == 0) {
        pthread_mutex_unlock(&g_mutex);
        pthread_join(thread, NULL);
        printf("ok robust: %d\n", pthread_mutex_lock(&g_mutex));
    } else {
        printf("ok robust: %d\n", again);
        pthread_join(thread, NULL);
    }
    printf("ok consistent: %d\n", pthread_mutex_consistent(&g_mutex));
    printf("ok unlock: %d\n", pthread_mutex_unlock(&g_mutex));
    pthread_mutex_destroy(&g_mutex);
}

int main(void) {
    test_two_views();
    test_several();
    test_pending();
    test_robust(0);
    test_robust(1);
    return failures != 0;
}
