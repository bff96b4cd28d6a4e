/* Never ends, and never gives the CPU up. */
#include <stdio.h>

int main(void) {
    puts("waiting");
    fflush(stdout);
    for (volatile unsigned long i = 0;; i++) {
    }
}
