// What C libraries build on futexes: kinds of mutexes, read-write locks, barriers, semaphores,
// limits in time, once, and cancellation at each of them.
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "../check.h"

enum { THREADS = 8, ROUNDS = 400 };

static struct timespec later(clockid_t clock, long milliseconds) {
    struct timespec time;
    clock_gettime(clock, &time);
    time.tv_nsec += milliseconds * 1000000;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

static void run(void* (*body)(void*), void* argument) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, body, argument);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void* try_from_outside(void* mutex) {
    return (void*)(long)pthread_mutex_trylock(mutex);
}

static void test_mutexes(void) {
    const struct {
        const char* name;
        int type;
    } kinds[] = {{"normal", PTHREAD_MUTEX_NORMAL},
                 {"recursive", PTHREAD_MUTEX_RECURSIVE},
                 {"checking", PTHREAD_MUTEX_ERRORCHECK}};
    for (int i = 0; i < 3; i++) {
        pthread_mutexattr_t attributes;
        pthread_mutex_t mutex;
        pthread_mutexattr_init(&attributes);
        pthread_mutexattr_settype(&attributes, kinds[i].type);
        pthread_mutex_init(&mutex, &attributes);
        pthread_mutex_lock(&mutex);
        printf("ok %s: again %d", kinds[i].name, pthread_mutex_trylock(&mutex));
        pthread_t thread;
        void* outside;
        pthread_create(&thread, NULL, try_from_outside, &mutex);
        pthread_join(thread, &outside);
        struct timespec limit = later(CLOCK_REALTIME, 10);
        const int timed =
            kinds[i].type == PTHREAD_MUTEX_RECURSIVE ? 0 : pthread_mutex_timedlock(&mutex, &limit);
        printf(", from outside %ld, timed %d", (long)outside, timed);
        printf(", unlock %d\n", pthread_mutex_unlock(&mutex));
    }
}

static pthread_rwlock_t g_rwlock = PTHREAD_RWLOCK_INITIALIZER;
static long g_value, g_copy;
static int g_torn;
static void* read_and_write(void* unused) {
    for (int i = 0; i < ROUNDS; i++) {
        if (i % 4 == 0) {
            pthread_rwlock_wrlock(&g_rwlock);
            g_value++;
            sched_yield();
            g_copy = g_value;
        } else {
            pthread_rwlock_rdlock(&g_rwlock);
            if (g_value != g_copy)
                __atomic_add_fetch(&g_torn, 1, __ATOMIC_SEQ_CST);
        }
        pthread_rwlock_unlock(&g_rwlock);
    }
    return unused;
}

static void test_rwlock(void) {
    run(read_and_write, NULL);
    check("a read-write lock", g_value == THREADS * ROUNDS / 4 && g_torn == 0);
    pthread_rwlock_rdlock(&g_rwlock);
    struct timespec limit = later(CLOCK_REALTIME, 10);
    printf("ok read too %d, ", pthread_rwlock_tryrdlock(&g_rwlock));
    printf("write %d, ", pthread_rwlock_trywrlock(&g_rwlock));
    printf("write within a time %d\n", pthread_rwlock_timedwrlock(&g_rwlock, &limit));
    pthread_rwlock_unlock(&g_rwlock);
    pthread_rwlock_unlock(&g_rwlock);
}

static pthread_barrier_t g_barrier;
static int g_phase, g_serial, g_early;
static void* pass_barriers(void* unused) {
    for (int i = 0; i < ROUNDS / 4; i++) {
        __atomic_add_fetch(&g_phase, 1, __ATOMIC_SEQ_CST);
        if (pthread_barrier_wait(&g_barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
            __atomic_add_fetch(&g_serial, 1, __ATOMIC_SEQ_CST);
        if (__atomic_load_n(&g_phase, __ATOMIC_SEQ_CST) < (i + 1) * THREADS)
            __atomic_add_fetch(&g_early, 1, __ATOMIC_SEQ_CST);
    }
    return unused;
}

static void test_barrier(void) {
    pthread_barrier_init(&g_barrier, NULL, THREADS);
    run(pass_barriers, NULL);
    check("a barrier", g_serial == ROUNDS / 4 && g_early == 0);
    pthread_barrier_destroy(&g_barrier);
}

static sem_t* g_semaphore;
static int g_inside, g_most;
static void* pass_semaphore(void* unused) {
    for (int i = 0; i < ROUNDS / 4; i++) {
        sem_wait(g_semaphore);
        const int now = __atomic_add_fetch(&g_inside, 1, __ATOMIC_SEQ_CST);
        if (now > g_most)
            g_most = now;
        sched_yield();
        __atomic_sub_fetch(&g_inside, 1, __ATOMIC_SEQ_CST);
        sem_post(g_semaphore);
    }
    return unused;
}

static void test_semaphore(int shared) {
    g_semaphore = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                       (shared ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS, -1, 0);
    g_inside = g_most = 0;
    sem_init(g_semaphore, shared, 3);
    run(pass_semaphore, NULL);
    check("a semaphore", g_inside == 0 && g_most >= 1 && g_most <= 3);
    int value = 0;
    sem_getvalue(g_semaphore, &value);
    printf("ok value %d\n", value);
    sem_init(g_semaphore, shared, 0);
    struct timespec limit = later(CLOCK_REALTIME, 10);
    show("sem_trywait", sem_trywait(g_semaphore));
    show("sem_timedwait", sem_timedwait(g_semaphore, &limit));
}

static void test_condition(void) {
    pthread_condattr_t attributes;
    pthread_cond_t condition;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_condattr_init(&attributes);
    printf("ok clock %d\n", pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC));
    pthread_cond_init(&condition, &attributes);
    pthread_mutex_lock(&mutex);
    struct timespec limit = later(CLOCK_MONOTONIC, 10);
    printf("ok timed wait %d\n", pthread_cond_timedwait(&condition, &mutex, &limit));
    pthread_mutex_unlock(&mutex);
}

static int g_cleaned;
static void clean(void* mutex) {
    g_cleaned++;
    if (mutex != NULL)
        pthread_mutex_unlock(mutex);
}

static pthread_mutex_t g_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t g_condition = PTHREAD_COND_INITIALIZER;
static sem_t g_never;
static int g_ends[2];
static void* wait_somewhere(void* where) {
    char byte;
    const struct timespec long_time = {1000, 0};
    switch ((long)where) {
    case 0:
        pthread_mutex_lock(&g_mutex);
        pthread_cleanup_push(clean, &g_mutex);
        for (;;)
            pthread_cond_wait(&g_condition, &g_mutex);
        pthread_cleanup_pop(0);
        break;
    case 1:
        pthread_cleanup_push(clean, NULL);
        sem_wait(&g_never);
        pthread_cleanup_pop(0);
        break;
    case 2:
        pthread_cleanup_push(clean, NULL);
        read(g_ends[0], &byte, 1);
        pthread_cleanup_pop(0);
        break;
    case 3:
        pthread_cleanup_push(clean, NULL);
        nanosleep(&long_time, NULL);
        pthread_cleanup_pop(0);
        break;
    default:
        pthread_cleanup_push(clean, NULL);
        pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
        for (volatile long i = 0;; i++)
            ;
        pthread_cleanup_pop(0);
    }
    return NULL;
}

static void test_cancellation(void) {
    sem_init(&g_never, 0, 0);
    pipe(g_ends);
    for (long i = 0; i < 5; i++) {
        pthread_t thread;
        void* result = NULL;
        g_cleaned = 0;
        pthread_create(&thread, NULL, wait_somewhere, (void*)i);
        usleep(i == 4 ? 30000 : 2000 * (i % 2));
        pthread_cancel(thread);
        pthread_join(thread, &result);
        // Cancelled before it got that far, it has nothing to clean.
        printf("ok place %ld: cancelled %d, cleaned %d\n", i, result == PTHREAD_CANCELED,
               g_cleaned <= 1);
    }
    printf("ok the mutex is free %d\n", pthread_mutex_trylock(&g_mutex));
}

static pthread_once_t g_once = PTHREAD_ONCE_INIT;
static int g_times;
static void count_once(void) {
    usleep(2000);
    g_times++;
}
static void* do_once(void* unused) {
    pthread_once(&g_once, count_once);
    return g_times == 1 ? unused : NULL;
}

int main(void) {
    test_mutexes();
    test_rwlock();
    test_barrier();
    test_semaphore(0);
    test_semaphore(1);
    test_condition();
    test_cancellation();
    run(do_once, &g_times);
    check("once", g_times == 1);
    return failures != 0;
}
