// mmap and its kin: contents, placement, protection, moving, discarding, errors.
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}

enum { PAGE = 4096 };
static const int k_rw = PROT_READ | PROT_WRITE;
static const int k_anonymous = MAP_PRIVATE | MAP_ANONYMOUS;

static char* map(size_t size) {
    return mmap(NULL, size, k_rw, k_anonymous, -1, 0);
}

static int all(const char* bytes, size_t size, char value) {
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != value)
            return 0;
    return 1;
}

static int fails(long result, int error) {
    return result == -1 && errno == error;
}

static void test_anonymous(void) {
    char* memory = map(10 * PAGE);
    check("anonymous memory is zero", memory != MAP_FAILED && all(memory, 10 * PAGE, 0));
    memset(memory, 7, 10 * PAGE);
    check("it keeps what is written", all(memory, 10 * PAGE, 7));
    check("unmapping a hole", munmap(memory + 3 * PAGE, 2 * PAGE) == 0);
    check("the rest stays", all(memory, 3 * PAGE, 7) && all(memory + 5 * PAGE, 5 * PAGE, 7));
    unsigned char resident[10];
    check("mincore sees the hole", fails(mincore(memory, 10 * PAGE, resident), ENOMEM));
    check("unmapping twice", munmap(memory + 3 * PAGE, 2 * PAGE) == 0);
    char* again = mmap(memory + 3 * PAGE, 2 * PAGE, k_rw, k_anonymous | MAP_FIXED, -1, 0);
    check("MAP_FIXED fills it", again == memory + 3 * PAGE && all(again, 2 * PAGE, 0));
    again = mmap(memory, 2 * PAGE, k_rw, k_anonymous | MAP_FIXED, -1, 0);
    check("MAP_FIXED replaces",
          again == memory && all(memory, 2 * PAGE, 0) && memory[2 * PAGE] == 7);
    check("MAP_FIXED_NOREPLACE refuses",
          fails((long)mmap(memory, PAGE, k_rw, k_anonymous | MAP_FIXED_NOREPLACE, -1, 0), EEXIST));
    munmap(memory, 10 * PAGE);
    again = mmap(memory, PAGE, k_rw, k_anonymous, -1, 0);
    check("a free hint is taken", again == memory);
    munmap(again, PAGE);
    char* low = mmap(NULL, PAGE, k_rw, k_anonymous | MAP_32BIT, -1, 0);
    check("MAP_32BIT", low != MAP_FAILED && (uintptr_t)low < 0x80000000UL);
    munmap(low, PAGE);
    char* shared = mmap(NULL, 2 * PAGE, k_rw, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    check("shared anonymous memory", shared != MAP_FAILED && all(shared, 2 * PAGE, 0));
    strcpy(shared, "shared");
    check("keeps what is written", strcmp(shared, "shared") == 0);
    munmap(shared, 2 * PAGE);
    char* populated = mmap(NULL, 4 * PAGE, k_rw, k_anonymous | MAP_POPULATE, -1, 0);
    check("MAP_POPULATE", mincore(populated, 4 * PAGE, resident) == 0 && resident[3] == 1);
    munmap(populated, 4 * PAGE);
}

static void test_large(void) {
    const size_t huge = 64UL << 30;
    char* reserved = mmap(NULL, huge, PROT_NONE, k_anonymous | MAP_NORESERVE, -1, 0);
    check("64 GiB can be reserved", reserved != MAP_FAILED);
    check("and a part of it used", mprotect(reserved + (32UL << 30), PAGE, k_rw) == 0);
    reserved[32UL << 30] = 5;
    check("which keeps its contents", reserved[32UL << 30] == 5);
    check("and given back", munmap(reserved, huge) == 0);
    size_t failed = 0;
    for (int i = 0; i < 1000; i++) {
        char* memory = map(64 * PAGE);
        failed += memory == MAP_FAILED;
        memset(memory, i, 64 * PAGE);
        failed += munmap(memory, 64 * PAGE) != 0;
    }
    check("mapping and unmapping 250 MiB in turns", failed == 0);
}

static void test_protection(void) {
    char* memory = map(4 * PAGE);
    memset(memory, 3, 4 * PAGE);
    check("mprotect of a part", mprotect(memory + PAGE, PAGE, PROT_READ) == 0 && memory[PAGE] == 3);
    memory[2 * PAGE] = 4;
    check("the neighbours stay writable", memory[2 * PAGE] == 4 && (memory[0] = 9) == 9);
    check("and back", mprotect(memory, 4 * PAGE, k_rw) == 0 && (memory[PAGE] = 8) == 8);
    check("of unmapped memory",
          munmap(memory + PAGE, PAGE) == 0 && fails(mprotect(memory, 4 * PAGE, PROT_READ), ENOMEM));
    check("an odd address", fails(syscall(SYS_mprotect, memory + 1, PAGE, PROT_READ), EINVAL));
    munmap(memory, 4 * PAGE);
    // mov $42, %eax; ret
    static const unsigned char code[] = {0xb8, 42, 0, 0, 0, 0xc3};
    char* function = map(PAGE);
    memcpy(function, code, sizeof(code));
    check("written code becomes executable", mprotect(function, PAGE, PROT_READ | PROT_EXEC) == 0);
    check("and runs", ((int (*)(void))(uintptr_t)function)() == 42);
    munmap(function, PAGE);
}

static void test_moving(void) {
    char* memory = map(4 * PAGE);
    memset(memory, 6, 4 * PAGE);
    check("shrinking",
          mremap(memory, 4 * PAGE, 2 * PAGE, 0) == memory && memory[2 * PAGE - 1] == 6);
    char* wall = mmap(memory + 2 * PAGE, PAGE, k_rw, k_anonymous | MAP_FIXED, -1, 0);
    check("growing against a wall",
          wall == memory + 2 * PAGE && fails((long)mremap(memory, 2 * PAGE, 8 * PAGE, 0), ENOMEM));
    char* moved = mremap(memory, 2 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
    check("growing by moving", moved != MAP_FAILED && moved != memory && all(moved, 2 * PAGE, 6) &&
                                   all(moved + 2 * PAGE, 62 * PAGE, 0));
    char* target = map(64 * PAGE);
    char* there = mremap(moved, 64 * PAGE, 64 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target);
    check("moving to a place", there == target && all(there, 2 * PAGE, 6));
    check("the old place is free", fails(madvise(moved, PAGE, MADV_NORMAL), ENOMEM));
    munmap(there, 64 * PAGE);
    check("unmapped memory cannot be moved",
          fails((long)mremap(there, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT));
}

static void test_advice(void) {
    char* memory = map(4 * PAGE);
    memset(memory, 2, 4 * PAGE);
    check("MADV_DONTNEED", madvise(memory + PAGE, PAGE, MADV_DONTNEED) == 0);
    check("drops the contents",
          all(memory + PAGE, PAGE, 0) && memory[0] == 2 && memory[2 * PAGE] == 2);
    check("MADV_FREE", madvise(memory, PAGE, MADV_FREE) == 0);
    memory[0] = 1;
    check("and writing again", memory[0] == 1);
    check("hints", madvise(memory, PAGE, MADV_WILLNEED) == 0 &&
                       madvise(memory, PAGE, MADV_SEQUENTIAL) == 0 &&
                       madvise(memory, PAGE, MADV_DONTFORK) == 0);
    check("an unknown hint", fails(madvise(memory, PAGE, 12345), EINVAL));
    check("an odd address", fails(madvise(memory + 1, PAGE, MADV_NORMAL), EINVAL));
    check("mlock", mlock(memory, PAGE) == 0 && munlock(memory, PAGE) == 0);
    munmap(memory, 4 * PAGE);
}

static void test_errors(void) {
    check("no size", fails((long)mmap(NULL, 0, k_rw, k_anonymous, -1, 0), EINVAL));
    check("neither shared nor private",
          fails((long)mmap(NULL, PAGE, k_rw, MAP_ANONYMOUS, -1, 0), EINVAL));
    check("bad descriptor", fails((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 99, 0), EBADF));
    check("far too much", fails((long)mmap(NULL, 1UL << 60, k_rw, k_anonymous, -1, 0), ENOMEM));
    check("munmap of an odd address", fails(munmap((void*)1, PAGE), EINVAL));
    check("munmap of nothing", fails(munmap((void*)PAGE, 0), EINVAL));
}

int main(void) {
    test_anonymous();
    test_large();
    test_protection();
    test_moving();
    test_advice();
    test_errors();
    return failures != 0;
}
