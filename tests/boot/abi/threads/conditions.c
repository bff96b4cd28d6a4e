// Condition variables, barriers, semaphores, reader-writer locks, once.
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <time.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}

enum { ROUNDS = 2000, WORKERS = 8 };

static pthread_mutex_t g_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t g_changed = PTHREAD_COND_INITIALIZER;
static int g_turn;

static void* play(void* argument) {
    const int me = (int)(long)argument;
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&g_lock);
        while (g_turn % 2 != me)
            pthread_cond_wait(&g_changed, &g_lock);
        g_turn++;
        pthread_cond_broadcast(&g_changed);
        pthread_mutex_unlock(&g_lock);
    }
    return NULL;
}

static int g_released;
static void* wait_for_release(void* unused) {
    (void)unused;
    pthread_mutex_lock(&g_lock);
    while (g_released == 0)
        pthread_cond_wait(&g_changed, &g_lock);
    g_released++;
    pthread_mutex_unlock(&g_lock);
    return NULL;
}

static pthread_barrier_t g_barrier;
static int g_serial;
static void* meet(void* unused) {
    (void)unused;
    for (int i = 0; i < 50; i++)
        if (pthread_barrier_wait(&g_barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
            __atomic_add_fetch(&g_serial, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static sem_t g_items;
static int g_taken;
static void* take(void* unused) {
    (void)unused;
    for (int i = 0; i < 100; i++) {
        sem_wait(&g_items);
        __atomic_add_fetch(&g_taken, 1, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

static pthread_once_t g_once = PTHREAD_ONCE_INIT;
static int g_once_count;
static void count_once(void) {
    g_once_count++;
}
static void* run_once(void* unused) {
    (void)unused;
    pthread_once(&g_once, count_once);
    return NULL;
}

static pthread_rwlock_t g_rwlock = PTHREAD_RWLOCK_INITIALIZER;
static int g_value, g_torn;
static void* read_and_write(void* argument) {
    for (int i = 0; i < 200; i++) {
        if ((long)argument == 0) {
            pthread_rwlock_wrlock(&g_rwlock);
            g_value++;
            g_value++;
            pthread_rwlock_unlock(&g_rwlock);
        } else {
            pthread_rwlock_rdlock(&g_rwlock);
            if (g_value % 2 != 0)
                g_torn++;
            pthread_rwlock_unlock(&g_rwlock);
        }
    }
    return NULL;
}

static void run(void* (*entry)(void*), int count) {
    pthread_t threads[WORKERS];
    for (long i = 0; i < count; i++)
        pthread_create(&threads[i], NULL, entry, (void*)i);
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

static int timed_wait(clockid_t clock) {
    pthread_condattr_t attributes;
    pthread_cond_t condition;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, clock);
    pthread_cond_init(&condition, &attributes);
    struct timespec deadline;
    clock_gettime(clock, &deadline);
    deadline.tv_nsec += 20 * 1000 * 1000;
    if (deadline.tv_nsec >= 1000000000) {
        deadline.tv_nsec -= 1000000000;
        deadline.tv_sec++;
    }
    pthread_mutex_lock(&g_lock);
    const int result = pthread_cond_timedwait(&condition, &g_lock, &deadline);
    pthread_mutex_unlock(&g_lock);
    return result;
}

int main(void) {
    run(play, 2);
    check("two threads take turns", g_turn == 2 * ROUNDS);

    pthread_t waiters[WORKERS];
    for (int i = 0; i < WORKERS; i++)
        pthread_create(&waiters[i], NULL, wait_for_release, NULL);
    pthread_mutex_lock(&g_lock);
    g_released = 1;
    pthread_cond_broadcast(&g_changed);
    pthread_mutex_unlock(&g_lock);
    for (int i = 0; i < WORKERS; i++)
        pthread_join(waiters[i], NULL);
    check("broadcast wakes all", g_released == WORKERS + 1);

    check("timed wait, real time", timed_wait(CLOCK_REALTIME) == ETIMEDOUT);
    check("timed wait, monotonic", timed_wait(CLOCK_MONOTONIC) == ETIMEDOUT);

    pthread_barrier_init(&g_barrier, NULL, WORKERS);
    run(meet, WORKERS);
    check("barrier", g_serial == 50);

    sem_init(&g_items, 0, 0);
    pthread_t takers[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&takers[i], NULL, take, NULL);
    for (int i = 0; i < 400; i++)
        sem_post(&g_items);
    for (int i = 0; i < 4; i++)
        pthread_join(takers[i], NULL);
    check("semaphore", g_taken == 400);
    check("semaphore is empty", sem_trywait(&g_items) == -1 && errno == EAGAIN);

    run(run_once, WORKERS);
    check("once", g_once_count == 1);

    run(read_and_write, WORKERS);
    check("reader-writer lock", g_torn == 0 && g_value == 400);
    return failures != 0;
}
