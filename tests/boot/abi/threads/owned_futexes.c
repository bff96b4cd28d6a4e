// Locks whose word names their owner (FUTEX_LOCK_PI), as mutexes that inherit priorities use them.
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../check.h"

enum { LOCK = 6, UNLOCK = 7, TRY = 8, LOCK_BY_CLOCK = 13, PRIVATE = 128, REALTIME = 256 };
#define WAITERS 0x80000000U
#define OWNER_DIED 0x40000000U
#define OWNER 0x3fffffffU

static uint32_t g_word;
static volatile int g_signals;

static long call(int operation, const struct timespec* time) {
    return syscall(SYS_futex, &g_word, operation | PRIVATE, 0, time, NULL, 0);
}

static uint32_t own_id(void) {
    return (uint32_t)syscall(SYS_gettid);
}
static uint32_t word(void) {
    return __atomic_load_n(&g_word, __ATOMIC_SEQ_CST);
}

static void count(int signal) {
    (void)signal;
    g_signals++;
}

static void* take_and_release(void* order) {
    const long locked = call(LOCK, NULL);
    const uint32_t seen = word();
    const int owned = (seen & OWNER) == own_id();
    if (order != NULL)
        __atomic_add_fetch((int*)order, 1, __ATOMIC_SEQ_CST);
    const long released = call(UNLOCK, NULL);
    return (void*)(long)(locked == 0 && owned && released == 0);
}

static void* take_and_end(void* unused) {
    (void)unused;
    call(LOCK, NULL);
    while (!(word() & WAITERS))
        sched_yield();
    return NULL;
}

static void await_waiters(void) {
    while (!(word() & WAITERS))
        sched_yield();
}

static void test_alone(void) {
    show("unlock without owning", call(UNLOCK, NULL));
    show("lock", call(LOCK, NULL));
    check("the word holds the owner", word() == own_id());
    show("lock again", call(LOCK, NULL));
    show("try again", call(TRY, NULL));
    show("unlock", call(UNLOCK, NULL));
    printf("ok word %x\n", word());
    show("try", call(TRY, NULL));
    show("unlock", call(UNLOCK, NULL));
    g_word = 0x3ffffff0;
    show("owned by nobody", call(LOCK, NULL));
    g_word = OWNER_DIED;
    show("orphaned", call(LOCK, NULL));
    printf("ok orphaned %d\n", word() == (own_id() | OWNER_DIED));
    show("unlock", call(UNLOCK, NULL));
    g_word = 0;
    const struct timespec bad = {0, 2000000000};
    show("a bad time", call(LOCK, &bad));
    g_word = 0;
}

static void test_contended(void) {
    enum { MANY = 5 };
    pthread_t threads[MANY];
    call(LOCK, NULL);
    int order = 0;
    for (int i = 0; i < MANY; i++)
        pthread_create(&threads[i], NULL, take_and_release, &order);
    await_waiters();
    check("nobody gets it meanwhile", __atomic_load_n(&order, __ATOMIC_SEQ_CST) == 0);
    show("unlock", call(UNLOCK, NULL));
    int good = 1;
    for (int i = 0; i < MANY; i++) {
        void* result;
        pthread_join(threads[i], &result);
        good &= result != NULL;
    }
    check("each owned it in turn", good && order == MANY);
    printf("ok owner %x\n", word() & OWNER);
    g_word = 0;
}

static void* hold(void* stop) {
    call(LOCK, NULL);
    while (!__atomic_load_n((int*)stop, __ATOMIC_SEQ_CST))
        sched_yield();
    call(UNLOCK, NULL);
    return NULL;
}

static void test_limits(void) {
    int stop = 0;
    pthread_t holder;
    pthread_create(&holder, NULL, hold, &stop);
    while (word() == 0)
        sched_yield();
    show("try another's", call(TRY, NULL));
    show("unlock another's", call(UNLOCK, NULL));
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    show("lock until now", call(LOCK, &time));
    clock_gettime(CLOCK_MONOTONIC, &time);
    show("lock until now, by the other clock", call(LOCK_BY_CLOCK, &time));
    clock_gettime(CLOCK_REALTIME, &time);
    show("lock until now, by this one", call(LOCK_BY_CLOCK | REALTIME, &time));
    show("a clock where none is known", call(UNLOCK | REALTIME, NULL));
    __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
    pthread_join(holder, NULL);
    g_word = 0;
}

// A signal is handled, but does not end the wait, whatever its action says.
static void test_signals(void) {
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = count;
    sigaction(SIGUSR1, &action, NULL);
    call(LOCK, NULL);
    pthread_t thread;
    pthread_create(&thread, NULL, take_and_release, NULL);
    await_waiters();
    while (g_signals < 3) {
        pthread_kill(thread, SIGUSR1);
        sched_yield();
    }
    call(UNLOCK, NULL);
    void* result;
    pthread_join(thread, &result);
    check("a wait goes on after handlers", result != NULL);
    g_word = 0;
}

static void test_mutexes(void) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    printf("ok protocol: %d\n", pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT));
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_t mutex;
    printf("ok init: %d\n", pthread_mutex_init(&mutex, &attributes));
    printf("ok lock: %d\n", pthread_mutex_lock(&mutex));
    printf("ok trylock: %d\n", pthread_mutex_trylock(&mutex));
    printf("ok unlock: %d\n", pthread_mutex_unlock(&mutex));
    pthread_mutex_destroy(&mutex);
}

int main(void) {
    test_alone();
    test_contended();
    test_limits();
    test_signals();
    test_mutexes();
    pthread_t thread;
    pthread_create(&thread, NULL, take_and_end, NULL);
    while (word() == 0)
        sched_yield();
    show("lock of a thread that ends", call(LOCK, NULL));
    check("it is told", (word() & OWNER_DIED) != 0 && (word() & OWNER) == own_id());
    pthread_join(thread, NULL);
    return failures != 0;
}
