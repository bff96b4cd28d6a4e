/* The kernel's code is read-only for everybody. The system call's entry is a part of it that the
 * program can find. */
#include <stdint.h>

__attribute__((noinline)) void scribble(volatile unsigned char *where) {
    *where = 0xcc;
}

int main(void) {
    uint32_t low, high;
    const uint32_t msr_lstar = 0xc0000082;
    __asm__("rdmsr" : "=a"(low), "=d"(high) : "c"(msr_lstar));
    scribble((volatile unsigned char *)((uint64_t)high << 32 | low));
    return 0;
}
