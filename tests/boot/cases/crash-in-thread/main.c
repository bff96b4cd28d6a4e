/* A crash in a thread ends the whole program and names the thread. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

__attribute__((noinline)) void tread_on_it(volatile long *where) {
    *where = 1;
}

static void *work(void *argument) {
    pthread_setname_np(pthread_self(), "worker");
    tread_on_it(argument);
    return NULL;
}

int main(void) {
    pthread_t thread;
    puts("before");
    fflush(stdout);
    pthread_create(&thread, NULL, work, (void *)0x1000);
    pthread_join(thread, NULL);
    puts("after");
    return 0;
}
