__attribute__((noinline)) int follow(volatile int *where) {
    return *where;
}

int main(void) {
    return follow((int *)0);
}
