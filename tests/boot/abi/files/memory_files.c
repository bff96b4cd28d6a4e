// memfd_create and seals.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}
static void fails(const char* name, long result, int error) {
    check(name, result == -1 && errno == error);
}

enum { close_on_exec = 1, allow_sealing = 2, add_seals = 1033, get_seals = 1034 };
enum { seal_seal = 1, seal_shrink = 2, seal_grow = 4, seal_write = 8, seal_future_write = 16 };

static int create(const char* name, unsigned flags) {
    return (int)syscall(SYS_memfd_create, name, flags);
}
static void* map(int fd, int protection, int flags) {
    return mmap(NULL, 8192, protection, flags, fd, 0);
}

static void test_file(void) {
    const int fd = create("a name", close_on_exec);
    check("created", fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
    struct stat status;
    check("status", fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 0 &&
                        status.st_size == 0 && (status.st_mode & 0777) == 0777);
    check("flags", (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR);
    char path[64], text[64] = "";
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    check("its path", readlink(path, text, sizeof(text) - 1) > 0 &&
                          strcmp(text, "/memfd:a name (deleted)") == 0);
    check("written", write(fd, "hello", 5) == 5 && lseek(fd, 0, SEEK_CUR) == 5);
    const int again = open(path, O_RDONLY);
    check("opened again", again >= 0 && read(again, text, 64) == 5 && !memcmp(text, "hello", 5));
    close(again);
    check("grown", ftruncate(fd, 8192) == 0 && fstat(fd, &status) == 0 && status.st_size == 8192);
    char* one = map(fd, PROT_READ | PROT_WRITE, MAP_SHARED);
    char* two = map(fd, PROT_READ, MAP_SHARED);
    memcpy(one + 5000, "shared", 6);
    check("shared by two mappings", memcmp(two + 5000, "shared", 6) == 0);
    check("and by reading", pread(fd, text, 6, 5000) == 6 && memcmp(text, "shared", 6) == 0);
    char* private = map(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    private[5000] = 'S';
    check("not by a private one", two[5000] == 's' && private[5001] == 'h');
    munmap(one, 8192);
    close(fd);
    check("mapped on", two[5000] == 's');
    munmap(two, 8192);
    munmap(private, 8192);
    fails("unknown flags", create("x", 1 << 15), EINVAL);
    fails("no name", syscall(SYS_memfd_create, NULL, 0), EFAULT);
    char name[300];
    memset(name, 'n', sizeof(name));
    name[249] = '\0';
    const int longest = create(name, 0);
    check("the longest name", longest >= 0);
    close(longest);
    name[249] = 'n';
    name[250] = '\0';
    fails("too long a name", create(name, 0), EINVAL);
}

static void test_seals(void) {
    int fd = create("unsealable", 0);
    check("cannot be sealed", fcntl(fd, get_seals) == seal_seal);
    fails("not at all", fcntl(fd, add_seals, seal_grow), EPERM);
    close(fd);
    fd = create("sealed", allow_sealing);
    check("no seals", fcntl(fd, get_seals) == 0);
    fails("unknown seals", fcntl(fd, add_seals, 1 << 20), EINVAL);
    ftruncate(fd, 8192);
    check("against shrinking", fcntl(fd, add_seals, seal_shrink) == 0);
    fails("not cut", ftruncate(fd, 4096), EPERM);
    check("but grown", ftruncate(fd, 10000) == 0);
    check("against growing", fcntl(fd, add_seals, seal_grow) == 0);
    fails("not grown", ftruncate(fd, 20000), EPERM);
    fails("not by writing", pwrite(fd, "x", 1, 10000), EPERM);
    fails("not by allocating", fallocate(fd, 0, 0, 20000), EPERM);
    check("written within", pwrite(fd, "x", 1, 9999) == 1);
    char* shared = map(fd, PROT_READ, MAP_SHARED);
    fails("busy", fcntl(fd, add_seals, seal_write), EBUSY);
    munmap(shared, 8192);
    shared = map(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    check("against writing", fcntl(fd, add_seals, seal_write) == 0);
    shared[0] = 'x';
    munmap(shared, 8192);
    fails("not written", pwrite(fd, "x", 1, 0), EPERM);
    fails("no hole", fallocate(fd, 3, 0, 4096), EPERM);
    check("no writable mapping",
          map(fd, PROT_READ | PROT_WRITE, MAP_SHARED) == MAP_FAILED && errno == EPERM);
    shared = map(fd, PROT_READ, MAP_SHARED);
    check("a readable one", shared != MAP_FAILED && shared[9] == 0);
    fails("which stays so", mprotect(shared, 8192, PROT_READ | PROT_WRITE), EACCES);
    munmap(shared, 8192);
    check("all of them", fcntl(fd, get_seals) == (seal_shrink | seal_grow | seal_write));
    check("the last seal", fcntl(fd, add_seals, seal_seal) == 0);
    fails("no more seals", fcntl(fd, add_seals, seal_future_write), EPERM);
    close(fd);
    fd = create("future", allow_sealing);
    ftruncate(fd, 8192);
    shared = map(fd, PROT_READ | PROT_WRITE, MAP_SHARED);
    check("against writing later", fcntl(fd, add_seals, seal_future_write) == 0);
    shared[0] = 'y';
    char byte = 0;
    check("written by the old mapping", pread(fd, &byte, 1, 0) == 1 && byte == 'y');
    fails("not by the file", pwrite(fd, "x", 1, 0), EPERM);
    check("nor by a new mapping",
          map(fd, PROT_READ | PROT_WRITE, MAP_SHARED) == MAP_FAILED && errno == EPERM);
    munmap(shared, 8192);
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    const int reader = open(path, O_RDONLY);
    fails("sealed by a reader", fcntl(reader, add_seals, seal_grow), EPERM);
    check("asked by a reader", fcntl(reader, get_seals) == seal_future_write);
    close(reader);
    close(fd);
    int ends[2];
    pipe(ends);
    fails("a pipe has none", fcntl(ends[1], get_seals), EINVAL);
    close(ends[0]);
    close(ends[1]);
}

int main(void) {
    test_file();
    test_seals();
    return failures != 0;
}
