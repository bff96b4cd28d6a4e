// The futex system call itself: values, timeouts, bit sets, requeue, wake-op, robust lists.
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// linux/futex.h, which musl does not bring along.
enum {
    FUTEX_WAIT = 0,
    FUTEX_WAKE = 1,
    FUTEX_CMP_REQUEUE = 4,
    FUTEX_WAKE_OP = 5,
    FUTEX_WAIT_BITSET = 9,
    FUTEX_WAKE_BITSET = 10,
    FUTEX_PRIVATE_FLAG = 128,
    FUTEX_CLOCK_REALTIME = 256,
};
#define FUTEX_WAITERS 0x80000000U
#define FUTEX_OWNER_DIED 0x40000000U
struct robust_list {
    struct robust_list* next;
};
struct robust_list_head {
    struct robust_list list;
    long futex_offset;
    struct robust_list* list_op_pending;
};

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}

static long futex(uint32_t* word, int operation, uint32_t value, const void* fourth,
                  uint32_t* second, uint32_t third) {
    return syscall(SYS_futex, word, operation, value, fourth, second, third);
}

static long long now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static struct timespec at(long long time) {
    return (struct timespec){time / 1000000000LL, time % 1000000000LL};
}

static uint32_t g_word, g_parked, g_other;
static int g_woken;

static void* wait_on_word(void* bits) {
    const long result =
        futex(&g_word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, (uint32_t)(long)bits);
    if (result == 0)
        __atomic_add_fetch(&g_woken, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static long wake(uint32_t* word, uint32_t most, uint32_t bits) {
    return futex(word, FUTEX_WAKE_BITSET | FUTEX_PRIVATE_FLAG, most, NULL, NULL, bits);
}

static long requeue(uint32_t* from, uint32_t* to, uint32_t wake, long move, uint32_t value) {
    return futex(from, FUTEX_CMP_REQUEUE | FUTEX_PRIVATE_FLAG, wake, (void*)move, to, value);
}

// Starts waiters and moves each to g_parked once it waits, so that all are known to be there.
static void park(pthread_t* threads, int count, long bits) {
    g_woken = 0;
    for (int i = 0; i < count; i++)
        pthread_create(&threads[i], NULL, wait_on_word, (void*)bits);
    for (int moved = 0; moved < count; sched_yield())
        moved += (int)requeue(&g_word, &g_parked, 0, count, 0);
}

static void join(pthread_t* threads, int count) {
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

struct robust_mutex {
    struct robust_list list;
    uint32_t word;
};
static struct robust_mutex g_mutex;

static void* die_holding(void* unused) {
    static struct robust_list_head head;
    (void)unused;
    head.futex_offset = offsetof(struct robust_mutex, word) - offsetof(struct robust_mutex, list);
    head.list.next = &g_mutex.list;
    head.list_op_pending = NULL;
    g_mutex.list.next = &head.list;
    g_mutex.word = (uint32_t)syscall(SYS_gettid) | FUTEX_WAITERS;
    syscall(SYS_set_robust_list, &head, sizeof(head));
    return NULL;
}

int main(void) {
    uint32_t word = 5;
    check("wait with another value",
          futex(&word, FUTEX_WAIT, 4, NULL, NULL, 0) == -1 && errno == EAGAIN);
    check("wake with nobody there", futex(&word, FUTEX_WAKE, 10, NULL, NULL, 0) == 0);

    long long before = now(CLOCK_MONOTONIC);
    struct timespec time = at(30000000);
    check("relative timeout",
          futex(&word, FUTEX_WAIT, 5, &time, NULL, 0) == -1 && errno == ETIMEDOUT);
    check("not before its time", now(CLOCK_MONOTONIC) - before >= 30000000);

    time = at(now(CLOCK_MONOTONIC) + 20000000);
    check("absolute timeout",
          futex(&word, FUTEX_WAIT_BITSET, 5, &time, NULL, ~0U) == -1 && errno == ETIMEDOUT);
    time = at(now(CLOCK_REALTIME) + 20000000);
    check("absolute timeout, real time",
          futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 5, &time, NULL, ~0U) == -1 &&
              errno == ETIMEDOUT);
    time = (struct timespec){0, 2000000000};
    check("bad timeout", futex(&word, FUTEX_WAIT, 5, &time, NULL, 0) == -1 && errno == EINVAL);
    check("no bits", futex(&word, FUTEX_WAIT_BITSET, 5, NULL, NULL, 0) == -1 && errno == EINVAL);
    check("odd address", futex((uint32_t*)((char*)&word + 1), FUTEX_WAKE, 1, NULL, NULL, 0) == -1 &&
                             errno == EINVAL);
    check("unmapped address",
          futex((uint32_t*)16, FUTEX_WAIT, 0, NULL, NULL, 0) == -1 && errno == EFAULT);

    enum { MANY = 6 };
    pthread_t threads[MANY];
    park(threads, MANY, 1);
    check("other bits wake nobody", wake(&g_parked, MANY, 2) == 0);
    check("wake one", wake(&g_parked, 1, 1) == 1);
    check("wake the rest", wake(&g_parked, 100, ~0U) == MANY - 1);
    join(threads, MANY);
    check("all were woken", g_woken == MANY);

    park(threads, MANY, 1);
    check("requeue compares", requeue(&g_parked, &g_other, 1, MANY, 99) == -1 && errno == EAGAIN);
    check("requeue wakes one and moves the rest", requeue(&g_parked, &g_other, 1, MANY, 0) == MANY);
    check("nobody is left", wake(&g_parked, MANY, ~0U) == 0);
    check("they wait on the other word", wake(&g_other, MANY, ~0U) == MANY - 1);
    join(threads, MANY);

    park(threads, 2, 1);
    // Adds 4 to the second word, and wakes its waiters if it was 3.
    const uint32_t operation = 1U << 28 | 0U << 24 | 4U << 12 | 3;
    const int wake_op = FUTEX_WAKE_OP | FUTEX_PRIVATE_FLAG;
    long woken = futex(&g_other, wake_op, 1, (void*)2L, &g_parked, operation);
    check("wake-op tests the second word", woken == 0 && g_parked == 4);
    g_parked = 3;
    woken = futex(&g_other, wake_op, 1, (void*)2L, &g_parked, operation);
    check("wake-op wakes", woken == 2 && g_parked == 7);
    join(threads, 2);

    pthread_create(&threads[0], NULL, die_holding, NULL);
    pthread_join(threads[0], NULL);
    while (!(__atomic_load_n(&g_mutex.word, __ATOMIC_SEQ_CST) & FUTEX_OWNER_DIED))
        sched_yield();
    check("a dead owner is noted", g_mutex.word == (FUTEX_OWNER_DIED | FUTEX_WAITERS));
    return failures != 0;
}
