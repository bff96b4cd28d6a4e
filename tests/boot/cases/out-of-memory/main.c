/* Touches more memory than the machine has, after it has filled a file in memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int main(void) {
    puts("filling");
    fflush(stdout);
    static char ballast[2 << 20];
    FILE *file = fopen("/tmp/ballast", "w");
    if (file == NULL || fwrite(ballast, sizeof ballast, 1, file) != 1 || fclose(file) != 0)
        return 4;
    size_t size = 512UL << 20;
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return 3;
    memset(memory, 1, size);
    return 0;
}
