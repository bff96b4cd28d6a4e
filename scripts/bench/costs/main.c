/* What single operations cost: does each many times between two lines, between which scripts/bench
 * counts instructions. It rests before each line and after it, so that the counter can be read. */
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* linux/futex.h, which musl does not bring */
enum { FUTEX_WAIT_PRIVATE = 128, FUTEX_WAKE_PRIVATE = 129 };
enum { PAGE = 4096, PAGES = 4096, ROUNDS = 20000 };
static const int k_rw = PROT_READ | PROT_WRITE;
static const int k_anonymous = MAP_PRIVATE | MAP_ANONYMOUS;

static void rest(void) {
    const struct timespec time = {0, 300000000};
    nanosleep(&time, NULL);
}

static void say(const char* name, const char* what, long count) {
    rest();
    printf("%s %s %ld\n", name, what, count);
    fflush(stdout);
    rest();
}

static void system_calls(void) {
    for (int i = 0; i < ROUNDS; i++)
        syscall(SYS_getppid);
}

static void futex_wakes(void) {
    static int word;
    for (int i = 0; i < ROUNDS; i++)
        syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static char* g_memory;

static void page_faults(void) {
    for (long i = 0; i < PAGES; i++)
        ((volatile char*)g_memory)[i * PAGE] = 1;
}

static void mappings(void) {
    for (int i = 0; i < ROUNDS; i++)
        munmap(mmap(NULL, 16 * PAGE, k_rw, k_anonymous, -1, 0), 16 * PAGE);
}

static void touched_mappings(void) {
    for (int i = 0; i < ROUNDS; i++) {
        char* memory = mmap(NULL, 16 * PAGE, k_rw, k_anonymous, -1, 0);
        *(volatile char*)memory = 1;
        munmap(memory, 16 * PAGE);
    }
}

/* Two threads hand a turn to each other: each round is two wakes, two waits and two switches. */
static int g_turn;

static void take_turns(int mine) {
    for (int i = 0; i < ROUNDS; i++) {
        while (__atomic_load_n(&g_turn, __ATOMIC_ACQUIRE) != mine)
            syscall(SYS_futex, &g_turn, FUTEX_WAIT_PRIVATE, !mine, NULL, NULL, 0);
        __atomic_store_n(&g_turn, !mine, __ATOMIC_RELEASE);
        syscall(SYS_futex, &g_turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    }
}

static void* other_thread(void* unused) {
    take_turns(1);
    return unused;
}

static void turns(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, other_thread, NULL);
    take_turns(0);
    pthread_join(thread, NULL);
}

static const struct {
    const char* name;
    void (*work)(void);
    long count;
} k_operations[] = {{"system-call", system_calls, ROUNDS},
                    {"futex-wake", futex_wakes, ROUNDS},
                    {"turn", turns, ROUNDS},
                    {"page-fault", page_faults, PAGES},
                    {"mmap", mappings, ROUNDS},
                    {"mmap-touch", touched_mappings, ROUNDS}};

int main(void) {
    g_memory = mmap(NULL, (size_t)PAGES * PAGE, k_rw, k_anonymous, -1, 0);
    if (g_memory == MAP_FAILED)
        return 1;
    madvise(g_memory, (size_t)PAGES * PAGE, MADV_NOHUGEPAGE); /* faults of 4 KiB are compared */
    for (size_t i = 0; i < sizeof k_operations / sizeof k_operations[0]; i++) {
        say(k_operations[i].name, "begins", k_operations[i].count);
        k_operations[i].work();
        say(k_operations[i].name, "ends", k_operations[i].count);
    }
    for (;;)
        pause();
}
