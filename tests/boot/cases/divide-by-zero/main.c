#include <stdlib.h>

__attribute__((noinline)) int divide_it(volatile int *a, volatile int *b) {
    return *a / *b;
}

int main(void) {
    volatile int a = 1, b = 0;
    return divide_it(&a, &b);
}
