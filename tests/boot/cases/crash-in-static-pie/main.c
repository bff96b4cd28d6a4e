/* The report names functions wherever the program was loaded. */
__attribute__((noinline)) int follow_it(volatile int *where) {
    return *where + 1;
}

__attribute__((noinline)) int lead_to_it(int *where) {
    return follow_it(where) + 1;
}

int main(void) {
    return lead_to_it((int *)0) + 1;
}
