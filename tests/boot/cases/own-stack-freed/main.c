/* Gives its own stack back and goes on: neither a handler nor the kernel has anywhere to put a frame,
   so the program ends with a report. */
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static void never(int signal) {
    (void)signal;
    _exit(1);
}

int main(void) {
    char here = 0;
    signal(SIGSEGV, never);
    const uintptr_t page = (uintptr_t)&here & ~(uintptr_t)0xfff;
    munmap((void *)(page - (64 << 10)), (64 << 10) + 4096);
    return here;
}
