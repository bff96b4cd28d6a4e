/* Far below the stack is nothing: it does not grow by a leap over its guard. */
__attribute__((noinline)) void reach_below(volatile char *stack) {
    stack[-(64L << 20)] = 1;
}

int main(void) {
    char here = 0;
    reach_below(&here);
    return 0;
}
