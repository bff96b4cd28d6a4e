/* Enters the kernel where system calls do, with a return address that cannot be: the fault happens in
 * the kernel's own code, and the report names the place. */
#include <stdint.h>
#include <stdio.h>

int main(void) {
    uint32_t low, high;
    const uint32_t msr_lstar = 0xc0000082;
    puts("before");
    fflush(stdout);
    __asm__("rdmsr" : "=a"(low), "=d"(high) : "c"(msr_lstar));
    __asm__ volatile("cli\n\t"
                     "mov $0x8000000000000000, %%rcx\n\t"
                     "mov $0x202, %%r11\n\t"
                     "mov $39, %%eax\n\t"
                     "jmp *%0"
                     :
                     : "r"((uint64_t)high << 32 | low)
                     : "rax", "rcx", "r11", "memory");
    return 0;
}
