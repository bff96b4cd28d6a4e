// Threads that never give way still share the CPU, and keep their registers while they do.
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <time.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}

static volatile int g_stop;
static volatile long g_progress[3];

static void* count_up(void* argument) {
    const long me = (long)argument;
    while (!g_stop)
        g_progress[me]++;
    return NULL;
}

static int all_moved(long least) {
    return g_progress[0] > least && g_progress[1] > least && g_progress[2] > least;
}

// The same sum again and again, with values in vector registers across preemptions.
static double series(double start) {
    double a = start, b = start * 2, c = start * 3, d = start * 4;
    for (int i = 1; i < 200000; i++) {
        a += 1.0 / i;
        b -= 0.5 / i;
        c += 0.25 / (i + a);
        d = d * 0.999 + b / (i + 1.0);
    }
    return a + b + c + d;
}

static void* compute(void* argument) {
    const double start = (double)(long)argument;
    const double wanted = series(start);
    long wrong = 0;
    for (int i = 0; i < 20; i++)
        wrong += series(start) != wanted;
    return (void*)wrong;
}

int main(void) {
    pthread_t threads[3];
    for (long i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, count_up, (void*)i);
    const time_t limit = time(NULL) + 60;
    while (!all_moved(1000) && time(NULL) < limit)
        sched_yield();
    check("threads that never yield all make progress", all_moved(1000));
    g_stop = 1;
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);

    long wrong = 0;
    for (long i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, compute, (void*)(i + 1));
    for (int i = 0; i < 3; i++) {
        void* result;
        pthread_join(threads[i], &result);
        wrong += (long)result;
    }
    check("floating point survives preemption", wrong == 0);
    check("yield", sched_yield() == 0);
    cpu_set_t cpus;
    check("affinity", sched_getaffinity(0, sizeof(cpus), &cpus) == 0 && CPU_COUNT(&cpus) >= 1);
    check("priority limits", sched_get_priority_max(SCHED_FIFO) == 99 &&
                                 sched_get_priority_min(SCHED_FIFO) == 1 &&
                                 sched_get_priority_max(SCHED_OTHER) == 0);
    return failures != 0;
}
