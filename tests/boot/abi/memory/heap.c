// The program break and malloc over it.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}

static char* raw_break(char* wanted) {
    return (char*)syscall(SYS_brk, wanted);
}

static void test_break(void) {
    char* start = raw_break(NULL);
    check("the break is somewhere", start != NULL);
    check("growing", raw_break(start + 100000) == start + 100000);
    int zero = 1;
    for (int i = 0; i < 100000; i++)
        zero &= start[i] == 0;
    check("the new part is zero", zero);
    memset(start, 1, 100000);
    check("shrinking", raw_break(start + 4096) == start + 4096);
    check("the rest stays", start[0] == 1);
    raw_break(start + 100000);
    check("what was given up is zero again", start[50000] == 0);
    check("a break that cannot be", raw_break((char*)1) == start + 100000);
    raw_break(start);
}

// Blocks of many sizes, each filled with its own number and checked before it is freed.
static int churn(unsigned seed) {
    enum { BLOCKS = 500, ROUNDS = 20000 };
    static unsigned char* blocks[BLOCKS];
    static size_t sizes[BLOCKS];
    int wrong = 0;
    for (int i = 0; i < ROUNDS; i++) {
        seed = seed * 1103515245u + 12345u;
        const unsigned which = seed >> 8 & 0x1ff;
        if (which >= BLOCKS)
            continue;
        for (size_t at = 0; at < sizes[which]; at += 61)
            wrong += blocks[which][at] != (unsigned char)which;
        free(blocks[which]);
        sizes[which] = i % 100 == 0 ? 300000 : (seed >> 17) % 4000 + 1;
        blocks[which] = malloc(sizes[which]);
        if (blocks[which] == NULL)
            return -1;
        memset(blocks[which], (int)which, sizes[which]);
    }
    for (int i = 0; i < BLOCKS; i++) {
        free(blocks[i]);
        blocks[i] = NULL;
        sizes[i] = 0;
    }
    return wrong;
}

int main(void) {
    test_break();
    check("malloc and free in any order", churn(1) == 0 && churn(99) == 0);
    char* grown = NULL;
    for (size_t size = 1; size <= 8 << 20; size *= 2) {
        grown = realloc(grown, size);
        grown[size - 1] = 'x';
    }
    check("realloc up to 8 MiB",
          grown[0] == 'x' && grown[(8 << 20) - 1] == 'x' && grown[1023] == 'x');
    free(grown);
    char* zero = calloc(1000, 1000);
    int clean = 1;
    for (int i = 0; i < 1000000; i++)
        clean &= zero[i] == 0;
    check("calloc", clean);
    free(zero);
    void* aligned = NULL;
    check("posix_memalign",
          posix_memalign(&aligned, 65536, 100) == 0 && (uintptr_t)aligned % 65536 == 0);
    free(aligned);
    return failures != 0;
}
