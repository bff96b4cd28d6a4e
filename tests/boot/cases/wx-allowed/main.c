/* A just-in-time compiler in small: writes code and runs it where it stands, twice. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

typedef int Function(void);

/* mov $value, %eax; ret */
static int run(unsigned char* code, unsigned char value) {
    const unsigned char text[] = {0xb8, value, 0, 0, 0, 0xc3};
    memcpy(code, text, sizeof text);
    return ((Function*)(void*)code)();
}

int main(void) {
    const int all = PROT_READ | PROT_WRITE | PROT_EXEC;
    unsigned char* code = mmap(NULL, 4096, all, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (code == MAP_FAILED)
        return 1;
    printf("%d\n", run(code, 42));
    unsigned char* later =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mprotect(later, 4096, all) != 0)
        return 2;
    printf("%d\n", run(later, 43));
    return 0;
}
