// Waiting on semaphores and futexes in a program that never makes a thread.
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}

static long futex(uint32_t* word, int operation, uint32_t value, const void* fourth) {
    return syscall(SYS_futex, word, operation, value, fourth, NULL, ~0U);
}

static int is(long result, int error) {
    return result == -1 && errno == error;
}

static sem_t g_semaphore;
static void post(int signal) {
    (void)signal;
    sem_post(&g_semaphore);
}

int main(void) {
    uint32_t word = 5;
    const struct timespec soon = {0, 10000000}, bad = {0, 2000000000};
    check("wake with nobody there", futex(&word, 1, 10, NULL) == 0);
    check("wait with another value", is(futex(&word, 0, 4, NULL), EAGAIN));
    check("a timeout", is(futex(&word, 0, 5, &soon), ETIMEDOUT));
    check("a bad timeout", is(futex(&word, 0, 5, &bad), EINVAL));
    check("an odd address", is(futex((uint32_t*)((char*)&word + 1), 0, 5, NULL), EINVAL));
    check("an unmapped address", is(futex((uint32_t*)16, 0, 0, NULL), EFAULT));

    sem_init(&g_semaphore, 0, 1);
    check("a semaphore", sem_wait(&g_semaphore) == 0);
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_nsec += 10000000;
    if (deadline.tv_nsec >= 1000000000) {
        deadline.tv_nsec -= 1000000000;
        deadline.tv_sec++;
    }
    check("times out", is(sem_timedwait(&g_semaphore, &deadline), ETIMEDOUT));
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = post;
    action.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &action, NULL);
    const struct itimerval timer = {{0, 0}, {0, 10000}};
    setitimer(ITIMER_REAL, &timer, NULL);
    check("a handler can post it", sem_wait(&g_semaphore) == 0);
    return failures != 0;
}
