// File mappings: private and shared, beyond the end, offsets, access rights.
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
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

enum { PAGE = 4096 };
static sigjmp_buf g_back;
static void recover(int signal) {
    siglongjmp(g_back, signal);
}

int main(void) {
    char name[] = "/tmp/abi-files-XXXXXX", byte = 0;
    char block[PAGE];
    const int file = mkstemp(name);
    unlink(name);
    for (int i = 0; i < 3; i++) {
        memset(block, 'a' + i, PAGE);
        write(file, block, PAGE);
    }
    write(file, "tail", 4);

    char* private = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    check("a private mapping shows the file",
          private != MAP_FAILED && private[0] == 'a' && private[2 * PAGE] == 'c');
    check("the last page is filled up with zeroes", memcmp(private + 3 * PAGE, "tail\0\0", 6) == 0);
    private[0] = 'X';
    pread(file, &byte, 1, 0);
    check("writing to it does not change the file", byte == 'a');

    char* shared = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    shared[PAGE] = 'Y';
    pread(file, &byte, 1, PAGE);
    check("writing to a shared one does", byte == 'Y');
    pwrite(file, "Z", 1, 2 * PAGE);
    check("and it shows what is written to the file", shared[2 * PAGE] == 'Z');
    check("msync", msync(shared, 4 * PAGE, MS_SYNC) == 0);

    char* offset = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, file, PAGE);
    check("an offset", offset[0] == 'Y' && offset[1] == 'b');
    check("an odd offset",
          mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, file, 100) == MAP_FAILED && errno == EINVAL);

    signal(SIGBUS, recover);
    char* beyond = mmap(NULL, 8 * PAGE, PROT_READ, MAP_SHARED, file, 0);
    const int caught = sigsetjmp(g_back, 1);
    if (caught == 0)
        byte = *(volatile char*)(beyond + 6 * PAGE);
    check("reading beyond the end is SIGBUS", caught == SIGBUS);

    char other[] = "/tmp/abi-files-XXXXXX";
    close(mkstemp(other));
    const int read_only = open(other, O_RDONLY);
    unlink(other);
    check("no shared writing to a file open for reading",
          mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, read_only, 0) == MAP_FAILED &&
              errno == EACCES);
    close(file);
    check("the mapping outlives the descriptor", shared[PAGE] == 'Y');
    return failures != 0;
}
