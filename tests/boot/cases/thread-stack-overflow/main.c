/* Below a thread's stack lies a page that the C library made unreachable. */
#include <pthread.h>

__attribute__((noinline)) int descend(volatile char *from, int depth) {
    volatile char room[1024];
    room[0] = *from;
    return descend(room, depth + 1) + room[depth % 1024];
}

static void *work(void *argument) {
    descend(argument, 0);
    return NULL;
}

int main(void) {
    pthread_t thread;
    char start = 1;
    pthread_create(&thread, NULL, work, &start);
    pthread_join(thread, NULL);
    return 0;
}
