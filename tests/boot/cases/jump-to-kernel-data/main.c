/* What the kernel writes to is not executable: here the interrupt table, which the program can find.
 * The fault lies within the kernel's memory, so it is reported as the kernel's. */
#include <stdint.h>

struct __attribute__((packed)) table {
    uint16_t limit;
    uint64_t base;
};

int main(void) {
    struct table interrupts;
    __asm__("sidt %0" : "=m"(interrupts));
    ((void (*)(void))interrupts.base)();
    return 0;
}
