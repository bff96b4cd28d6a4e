// Files mapped into memory, private and shared, beside reading and writing.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}
static void enter_scratch(void) {
    char folder[] = "/tmp/abi-XXXXXX";
    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        check("scratch folder", 0);
}

enum { page = 4096 };

int main(void) {
    enter_scratch();
    const int fd = open("file", O_RDWR | O_CREAT, 0600);
    char block[page], seen[16];
    for (int i = 0; i < 3; ++i) {
        memset(block, 'a' + i, page);
        write(fd, block, page);
    }
    write(fd, "tail", 4);

    char* private = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    check("a private mapping", private != MAP_FAILED && private[0] == 'a' &&
                                   private[2 * page] == 'c' && private[3 * page + 3] == 'l');
    check("zeroes behind the end", private[3 * page + 4] == 0 && private[4 * page - 1] == 0);
    private[0] = 'P';
    check("a private write stays private", pread(fd, seen, 1, 0) == 1 && seen[0] == 'a');

    char* shared = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, page);
    check("a shared mapping at an offset", shared != MAP_FAILED && shared[0] == 'b');
    shared[10] = 'S';
    check("seen by read", pread(fd, seen, 1, page + 10) == 1 && seen[0] == 'S');
    pwrite(fd, "W", 1, page + 20);
    check("a write is seen in it", shared[20] == 'W');
    char* again = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, page);
    check("and in another one", again[10] == 'S' && again[20] == 'W');
    shared[30] = 'T';
    check("which is the same memory", again[30] == 'T');
    check("msync", msync(shared, 2 * page, MS_SYNC) == 0);

    close(fd);
    unlink("file");
    check("mappings outlive name and descriptor", shared[page] == 'c' && private[page] == 'b');
    check("munmap", munmap(shared, 2 * page) == 0 && munmap(again, page) == 0 &&
                        munmap(private, 4 * page) == 0);

    const int reader = open("/proc/self/stat", O_RDONLY);
    check("what cannot be mapped",
          mmap(NULL, page, PROT_READ, MAP_PRIVATE, reader, 0) == MAP_FAILED);
    check("a bad descriptor",
          mmap(NULL, page, PROT_READ, MAP_PRIVATE, 99, 0) == MAP_FAILED && errno == EBADF);
    const int grown = open("grown", O_RDWR | O_CREAT, 0600);
    ftruncate(grown, page);
    char* growing = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, grown, 0);
    growing[0] = 'x';
    ftruncate(grown, 2 * page);
    growing[page] = 'y';
    check("a file that grew under its mapping", pread(grown, seen, 1, page) == 1 && seen[0] == 'y');
    close(grown);
    return failures != 0;
}
