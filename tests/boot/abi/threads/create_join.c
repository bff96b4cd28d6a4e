// pthread_create and pthread_join: arguments, results, many threads, thread ids.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}

static void* twice(void* argument) {
    return (void*)((long)argument * 2);
}

static void* own_id(void* argument) {
    *(long*)argument = syscall(SYS_gettid);
    return NULL;
}

static long g_sum;
static pthread_mutex_t g_lock = PTHREAD_MUTEX_INITIALIZER;
static void* add(void* argument) {
    for (int i = 0; i < 1000; i++) {
        pthread_mutex_lock(&g_lock);
        g_sum += (long)argument;
        pthread_mutex_unlock(&g_lock);
    }
    return NULL;
}

static void* leave(void* argument) {
    pthread_exit(argument);
}

int main(void) {
    pthread_t thread;
    void* result = NULL;
    check("create", pthread_create(&thread, NULL, twice, (void*)21) == 0);
    check("join", pthread_join(thread, &result) == 0 && (long)result == 42);

    long id = 0;
    pthread_create(&thread, NULL, own_id, &id);
    pthread_join(thread, NULL);
    check("thread has its own id", id > 0 && id != getpid());
    check("first thread's id is the process's", syscall(SYS_gettid) == getpid());

    pthread_create(&thread, NULL, leave, (void*)7);
    pthread_join(thread, &result);
    check("pthread_exit gives the result", (long)result == 7);

    enum { MANY = 64 };
    pthread_t threads[MANY];
    int created = 0;
    for (long i = 0; i < MANY; i++)
        created += pthread_create(&threads[i], NULL, add, (void*)(i + 1)) == 0;
    for (int i = 0; i < MANY; i++)
        pthread_join(threads[i], NULL);
    check("many threads", created == MANY);
    check("mutex keeps the sum", g_sum == 1000L * MANY * (MANY + 1) / 2);

    int sequence = 0;
    for (int i = 0; i < 500; i++) {
        if (pthread_create(&thread, NULL, twice, (void*)(long)i) != 0)
            break;
        pthread_join(thread, &result);
        sequence += (long)result == 2L * i;
    }
    check("threads one after another", sequence == 500);

    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 256 * 1024);
    check("detached thread", pthread_create(&thread, &attributes, add, (void*)0) == 0);
    return failures != 0;
}
