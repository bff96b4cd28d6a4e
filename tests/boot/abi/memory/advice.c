/* madvise, mlock, mincore and msync in all their forms. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_COLD
#define MADV_COLD 20
#define MADV_PAGEOUT 21
#endif
#ifndef MLOCK_ONFAULT
#define MLOCK_ONFAULT 1
#endif

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}
static int fails(long result, int error) {
    return result == -1 && errno == error;
}

enum { PAGE = 4096 };
static const int k_rw = PROT_READ | PROT_WRITE;

static char* map(size_t size, int protection) {
    return mmap(NULL, size, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
static int resident(const char* memory) {
    unsigned char there = 0;
    return mincore((void*)memory, PAGE, &there) == 0 && (there & 1) != 0;
}
static int temporary_file(size_t size) {
    char name[] = "advice_XXXXXX";
    int file = mkstemp(name);
    unlink(name);
    ftruncate(file, (off_t)size);
    return file;
}

static void test_hints(void) {
    static const struct {
        int advice;
        const char* name;
    } hints[] = {{MADV_NORMAL, "NORMAL"},
                 {MADV_RANDOM, "RANDOM"},
                 {MADV_SEQUENTIAL, "SEQUENTIAL"},
                 {MADV_WILLNEED, "WILLNEED"},
                 {MADV_DONTFORK, "DONTFORK"},
                 {MADV_DOFORK, "DOFORK"},
                 {MADV_DONTDUMP, "DONTDUMP"},
                 {MADV_DODUMP, "DODUMP"},
                 {MADV_HUGEPAGE, "HUGEPAGE"},
                 {MADV_NOHUGEPAGE, "NOHUGEPAGE"},
                 {MADV_COLD, "COLD"},
                 {MADV_PAGEOUT, "PAGEOUT"}};
    char* memory = map(4 * PAGE, k_rw);
    memset(memory, 7, 4 * PAGE);
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++) {
        char text[64];
        snprintf(text, sizeof text, "%s keeps the contents", hints[i].name);
        check(text, madvise(memory, 2 * PAGE, hints[i].advice) == 0 && memory[PAGE] == 7);
    }
    check("nothing to advise about", madvise(memory, 0, MADV_DONTNEED) == 0);
    check("an odd size counts as whole pages", madvise(memory, 10, MADV_DONTNEED) == 0);
    check("of which all are dropped", memory[PAGE - 1] == 0 && memory[PAGE] == 7);
    munmap(memory + PAGE, PAGE);
    check("a hole", fails(madvise(memory, 4 * PAGE, MADV_DONTNEED), ENOMEM));
    check("behind which it went on", memory[2 * PAGE] == 0 && memory[3 * PAGE] == 0);
    check("an end that wraps",
          fails(madvise(memory, (size_t)-PAGE, MADV_NORMAL), EINVAL) || errno == ENOMEM);
    munmap(memory, 4 * PAGE);
}

static void test_dropping(void) {
    char* hidden = map(2 * PAGE, k_rw);
    hidden[0] = 5;
    mprotect(hidden, PAGE, PROT_NONE);
    check("DONTNEED of hidden memory", madvise(hidden, 2 * PAGE, MADV_DONTNEED) == 0);
    mprotect(hidden, PAGE, PROT_READ);
    check("drops it too", hidden[0] == 0);
    munmap(hidden, 2 * PAGE);

    int file = temporary_file(2 * PAGE);
    char* shared = mmap(NULL, 2 * PAGE, k_rw, MAP_SHARED, file, 0);
    char* own = mmap(NULL, 2 * PAGE, k_rw, MAP_PRIVATE, file, 0);
    shared[0] = 1;
    own[0] = 2;
    check("DONTNEED of a shared file", madvise(shared, PAGE, MADV_DONTNEED) == 0 && shared[0] == 1);
    check("DONTNEED of a private one", madvise(own, PAGE, MADV_DONTNEED) == 0 && own[0] == 1);
    check("FREE is for anonymous memory", fails(madvise(shared, PAGE, MADV_FREE), EINVAL) &&
                                              fails(madvise(own, PAGE, MADV_FREE), EINVAL));
    munmap(shared, 2 * PAGE);
    munmap(own, 2 * PAGE);
    close(file);

    char* all = mmap(NULL, 2 * PAGE, k_rw, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    all[0] = 3;
    check("DONTNEED of shared memory", madvise(all, PAGE, MADV_DONTNEED) == 0 && all[0] == 3);
    check("REMOVE of it", madvise(all, PAGE, MADV_REMOVE) == 0 && all[0] == 0);
    char* alone = map(PAGE, k_rw);
    check("REMOVE of private memory", fails(madvise(alone, PAGE, MADV_REMOVE), EINVAL));
    munmap(all, 2 * PAGE);
    munmap(alone, PAGE);
}

static void test_populating(void) {
    char* memory = map(4 * PAGE, k_rw);
    check("fresh memory is not resident", !resident(memory));
    check("POPULATE_READ", madvise(memory, PAGE, MADV_POPULATE_READ) == 0 && resident(memory));
    check("POPULATE_WRITE",
          madvise(memory + PAGE, PAGE, MADV_POPULATE_WRITE) == 0 && resident(memory + PAGE));
    check("and it reads as zeroes", memory[0] == 0 && memory[PAGE] == 0);
    mprotect(memory, PAGE, PROT_READ);
    check("POPULATE_WRITE of what cannot be written",
          fails(madvise(memory, PAGE, MADV_POPULATE_WRITE), EINVAL));
    mprotect(memory, PAGE, PROT_NONE);
    check("POPULATE_READ of what cannot be read",
          fails(madvise(memory, PAGE, MADV_POPULATE_READ), EINVAL));
    munmap(memory, PAGE);
    check("of a hole", fails(madvise(memory, PAGE, MADV_POPULATE_READ), ENOMEM));
    munmap(memory + PAGE, 3 * PAGE);
    int file = temporary_file(PAGE);
    char* mapped = mmap(NULL, 2 * PAGE, k_rw, MAP_PRIVATE, file, 0);
    check("of a file", madvise(mapped, PAGE, MADV_POPULATE_READ) == 0);
    check("behind its end", fails(madvise(mapped + PAGE, PAGE, MADV_POPULATE_READ), EFAULT));
    munmap(mapped, 2 * PAGE);
    close(file);
    char* locked = mmap(NULL, 2 * PAGE, k_rw, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
    check("MAP_LOCKED is resident", locked != MAP_FAILED && resident(locked + PAGE));
    munmap(locked, 2 * PAGE);
}

static void test_locking(void) {
    char* memory = map(4 * PAGE, k_rw);
    check("mlock makes resident", mlock(memory + 10, PAGE) == 0 && resident(memory + PAGE));
    check("but no more", !resident(memory + 2 * PAGE));
    check("mlock2", syscall(SYS_mlock2, memory, PAGE, MLOCK_ONFAULT) == 0);
    check("mlock2 with unknown flags", fails(syscall(SYS_mlock2, memory, PAGE, 8), EINVAL));
    check("munlock", munlock(memory, 4 * PAGE) == 0);
    check("mlockall", mlockall(MCL_CURRENT) == 0 && munlockall() == 0);
    check("mlockall of nothing", fails(mlockall(0), EINVAL));
    check("mlockall with unknown flags", fails(mlockall(64), EINVAL));
    munmap(memory, 4 * PAGE);
    check("mlock of a hole", fails(mlock(memory, PAGE), ENOMEM));
    check("munlock of a hole", fails(munlock(memory, PAGE), ENOMEM));
}

static void test_asking(void) {
    unsigned char there[4] = {0};
    char* memory = map(4 * PAGE, k_rw);
    memory[2 * PAGE] = 1;
    check("mincore", mincore(memory, 4 * PAGE, there) == 0 && there[0] == 0 && there[2] == 1);
    check("mincore of an odd address", fails(mincore(memory + 1, PAGE, there), EINVAL));
    check("mincore into nowhere", fails(mincore(memory, PAGE, (void*)8), EFAULT));
    check("msync", msync(memory, 4 * PAGE, MS_SYNC) == 0 && msync(memory, PAGE, MS_ASYNC) == 0 &&
                       msync(memory, PAGE, MS_INVALIDATE) == 0 && msync(memory, PAGE, 0) == 0);
    check("msync both ways", fails(msync(memory, PAGE, MS_SYNC | MS_ASYNC), EINVAL));
    check("msync with unknown flags", fails(msync(memory, PAGE, 64), EINVAL));
    check("msync of an odd address", fails(msync(memory + 1, PAGE, MS_SYNC), EINVAL));
    munmap(memory + PAGE, PAGE);
    check("mincore over a hole", fails(mincore(memory, 4 * PAGE, there), ENOMEM));
    check("msync over a hole", fails(msync(memory, 4 * PAGE, MS_SYNC), ENOMEM));
    munmap(memory, 4 * PAGE);
}

int main(void) {
    test_hints();
    test_dropping();
    test_populating();
    test_locking();
    test_asking();
    return failures != 0;
}
