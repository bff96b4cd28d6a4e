/* Memory that asks for large pages gets them whole, and every part of one can still be changed by
 * itself: the kernel splits them. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 4096, LARGE = 2 << 20, PAGES = LARGE / PAGE };

static unsigned char* g_memory;

static int resident(int block) {
    static unsigned char pages[PAGES];
    int count = 0;
    if (mincore(g_memory + block * LARGE, LARGE, pages) != 0)
        return -1;
    for (int i = 0; i < PAGES; i++)
        count += pages[i] & 1;
    return count;
}

/* Every page says its number, unless it was dropped. */
static int intact(int block, int from, int to) {
    for (int i = from; i < to; i++)
        if (g_memory[block * LARGE + i * PAGE] != (unsigned char)(block + i))
            return 0;
    return 1;
}

int main(void) {
    unsigned char* all =
        mmap(NULL, 9 * LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED)
        return 1;
    g_memory = (unsigned char*)(((size_t)all + LARGE - 1) / LARGE * LARGE);
    if (madvise(g_memory, 7 * LARGE, MADV_HUGEPAGE) != 0)
        return 2;
    for (int block = 0; block < 8; block++) {
        g_memory[block * LARGE + 12345] = 1;
        printf("%d ", resident(block));
    }
    for (int block = 0; block < 8; block++)
        for (int i = 0; i < PAGES; i++)
            g_memory[block * LARGE + i * PAGE] = (unsigned char)(block + i);

    mprotect(g_memory + 10 * PAGE, PAGE, PROT_READ);
    madvise(g_memory + LARGE + 100 * PAGE, 50 * PAGE, MADV_DONTNEED);
    munmap(g_memory + 2 * LARGE + 511 * PAGE, PAGE);
    unsigned char* moved = mremap(g_memory + 3 * LARGE, LARGE, 2 * LARGE, MREMAP_MAYMOVE);
    mprotect(g_memory + 4 * LARGE, LARGE, PROT_NONE);
    mprotect(g_memory + 4 * LARGE, LARGE, PROT_READ);
    printf("\n%d %d %d", intact(0, 0, 512), intact(1, 0, 100) && intact(1, 150, 512),
           g_memory[LARGE + 120 * PAGE]);
    printf(" %d %d %d %d\n", intact(2, 0, 511), moved[511 * PAGE] == (unsigned char)(3 + 511),
           moved[LARGE + 5], intact(4, 0, 512));
    madvise(g_memory + 5 * LARGE, 2 * LARGE, MADV_DONTNEED);
    printf("%d %d", resident(5), resident(6));
    g_memory[5 * LARGE] = 1;
    printf(" %d %d\n", resident(5), g_memory[5 * LARGE + 7 * PAGE]);
    /* All of it comes back: this takes six times the machine's memory. */
    munmap(all, 9 * LARGE);
    for (int round = 0; round < 64; round++) {
        unsigned char* once =
            mmap(NULL, 3 * LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (once == MAP_FAILED || madvise(once, 3 * LARGE, MADV_HUGEPAGE) != 0)
            return 3;
        memset(once, 1, 3 * LARGE);
        munmap(once, 3 * LARGE);
    }
    puts("done");
    return 0;
}
