// Thread-local storage, keys with destructors, cancellation, cleanup handlers, names.
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}

static __thread int t_zero;
static __thread int t_set = 1234;
static __thread char t_aligned[64] __attribute__((aligned(64)));

static void* use_locals(void* argument) {
    const int fresh = t_zero == 0 && t_set == 1234 && ((unsigned long)t_aligned & 63) == 0;
    t_zero = (int)(long)argument;
    t_set = -t_zero;
    for (int i = 0; i < 50; i++)
        usleep(100);
    return (void*)(long)(fresh && t_zero == (int)(long)argument && t_set == -t_zero);
}

static pthread_key_t g_key;
static int g_destroyed;
static void destroy(void* value) {
    g_destroyed += (int)(long)value;
}
static void* use_key(void* argument) {
    pthread_setspecific(g_key, argument);
    return pthread_getspecific(g_key);
}

static int g_cleaned;
static void clean(void* argument) {
    g_cleaned += (int)(long)argument;
}
static void* sleep_for_ever(void* unused) {
    (void)unused;
    pthread_cleanup_push(clean, (void*)5);
    for (;;)
        pause();
    pthread_cleanup_pop(0);
    return NULL;
}
static volatile int g_spinning;
static void* spin_for_ever(void* unused) {
    int old;
    (void)unused;
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
    g_spinning = 1;
    for (;;)
        __asm__ volatile("" ::: "memory");
    return NULL;
}

int main(void) {
    pthread_t threads[8];
    void* result;
    int right = 0;
    for (long i = 0; i < 8; i++)
        pthread_create(&threads[i], NULL, use_locals, (void*)(i + 1));
    for (int i = 0; i < 8; i++) {
        pthread_join(threads[i], &result);
        right += (int)(long)result;
    }
    check("each thread has its own locals", right == 8);
    check("the first thread's are untouched", t_zero == 0 && t_set == 1234);

    pthread_key_create(&g_key, destroy);
    pthread_create(&threads[0], NULL, use_key, (void*)9);
    pthread_join(threads[0], &result);
    check("key", (long)result == 9);
    check("key's destructor ran", g_destroyed == 9);

    pthread_create(&threads[0], NULL, sleep_for_ever, NULL);
    pthread_cancel(threads[0]);
    pthread_join(threads[0], &result);
    check("cancelled in a wait", result == PTHREAD_CANCELED);

    pthread_create(&threads[0], NULL, spin_for_ever, NULL);
    while (!g_spinning)
        usleep(1000);
    pthread_cancel(threads[0]);
    pthread_join(threads[0], &result);
    check("cancelled while it computes", result == PTHREAD_CANCELED);

    char name[16] = "";
    check("set name", prctl(PR_SET_NAME, "a-rather-long-name", 0, 0, 0) == 0);
    prctl(PR_GET_NAME, name, 0, 0, 0);
    check("name is cut off", strcmp(name, "a-rather-long-n") == 0);
    return failures != 0;
}
