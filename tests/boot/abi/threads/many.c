// Threads without number: as many as there may be, then EAGAIN; thousands in turn; and how a
// process ends that has them.
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../check.h"

enum { ROUNDS = 5000, MOST = 4000 };

static int in_guest(void) {
    struct utsname name;
    uname(&name);
    return strstr(name.release, "unik") != NULL;
}

static void* touch(void* counter) {
    char room[3000];
    memset(room, 1, sizeof(room));
    __atomic_add_fetch((int*)counter, room[17], __ATOMIC_SEQ_CST);
    return counter;
}

static long free_memory(void) {
    struct sysinfo info;
    sysinfo(&info);
    return (long)(info.freeram * info.mem_unit);
}

static void run(int rounds, int* ran) {
    for (int i = 0; i < rounds; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, touch, ran) != 0)
            return;
        if (i % 2 == 0)
            pthread_join(thread, NULL);
        else
            pthread_detach(thread);
        if (i % 2 == 1)
            while (__atomic_load_n(ran, __ATOMIC_SEQ_CST) <= i)
                sched_yield();
    }
}

// On a host other programs take memory too; the guest has only this one.
static void test_thousands(void) {
    int ran = 0;
    run(200, &ran);
    const long before = free_memory();
    ran = 0;
    run(ROUNDS, &ran);
    check("thousands of threads ran", ran == ROUNDS);
    check("and left no memory behind", !in_guest() || free_memory() > before - (1 << 20));
}

static sem_t g_go, g_there;
static void* stay(void* unused) {
    sem_post(&g_there);
    sem_wait(&g_go);
    return unused;
}

// A host is asked for a few only, so that nothing else there suffers.
static void test_exhaustion(void) {
    static pthread_t threads[MOST];
    const int most = in_guest() ? MOST : 50;
    sem_init(&g_go, 0, 0);
    sem_init(&g_there, 0, 0);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 65536);
    int count = 0, error = 0;
    while (count < most && error == 0) {
        error = pthread_create(&threads[count], &attributes, stay, NULL);
        count += error == 0;
    }
    check("threads until EAGAIN", !in_guest() || (error == EAGAIN && count > 100));
    for (int i = 0; i < count; i++)
        sem_wait(&g_there);
    for (int i = 0; i < count; i++)
        sem_post(&g_go);
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    int ran = 0;
    run(10, &ran);
    check("and more once they have ended", ran == 10);
}

static pthread_t g_main;
static void* finish(void* unused) {
    (void)unused;
    pthread_join(g_main, NULL);
    check("the main thread ended before the others", getpid() == (int)syscall(SYS_getpid));
    fflush(stdout);
    pthread_t other;
    int ran = 0;
    pthread_create(&other, NULL, touch, &ran);
    pthread_join(other, NULL);
    pthread_create(&other, NULL, stay, NULL);
    check("who can still make threads", ran == 1);
    fflush(stdout);
    exit(failures != 0);
}

int main(void) {
    test_thousands();
    test_exhaustion();
    fflush(stdout);
    pthread_t thread;
    g_main = pthread_self();
    pthread_create(&thread, NULL, finish, NULL);
    pthread_exit(NULL);
}
