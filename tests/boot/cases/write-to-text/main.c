/* The program's own code is read-only. */
__attribute__((noinline)) void scribble(volatile unsigned char *where) {
    *where = 0xcc;
}

int main(void) {
    scribble((volatile unsigned char *)(void *)main);
    return 0;
}
