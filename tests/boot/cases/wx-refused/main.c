/* Asks for memory that is writable and executable at once, in both ways. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

int main(void) {
    const int all = PROT_READ | PROT_WRITE | PROT_EXEC;
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
    if (mmap(NULL, 4096, all, flags, -1, 0) == MAP_FAILED)
        printf("mmap: %s\n", strerror(errno));
    void* data = mmap(NULL, 4096, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (mprotect(data, 4096, all) != 0)
        printf("mprotect: %s\n", strerror(errno));
    return mprotect(data, 4096, PROT_READ | PROT_EXEC);
}
