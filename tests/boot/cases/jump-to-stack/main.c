/* The stack is not executable. */
__attribute__((noinline)) void jump_into(void *where) {
    ((void (*)(void))where)();
}

int main(void) {
    unsigned char code[] = {0xc3, 0xc3, 0xc3, 0xc3};
    jump_into(code);
    return 0;
}
