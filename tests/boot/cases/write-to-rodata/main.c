/* Constants are read-only. */
#include <stdio.h>

static const char k_text[] = "constant";

__attribute__((noinline)) void scribble(volatile char *where) {
    *where = 'C';
}

int main(void) {
    puts(k_text);
    fflush(stdout);
    scribble((volatile char *)(unsigned long)k_text);
    puts(k_text);
    return 0;
}
