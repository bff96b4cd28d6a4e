/* Where mappings go and what becomes of them: flags, limits, moving, many of them. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif
#ifndef MAP_SHARED_VALIDATE
#define MAP_SHARED_VALIDATE 3
#endif

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}
static int fails(long result, int error) {
    return result == -1 && errno == error;
}
static int fails_at(void* result, int error) {
    return result == MAP_FAILED && errno == error;
}

enum { PAGE = 4096 };
static const int k_rw = PROT_READ | PROT_WRITE;
static const int k_anonymous = MAP_PRIVATE | MAP_ANONYMOUS;

static char* map(size_t size, int protection) {
    return mmap(NULL, size, protection, k_anonymous, -1, 0);
}
static int temporary_file(size_t size) {
    char name[] = "areas_XXXXXX";
    int file = mkstemp(name);
    unlink(name);
    ftruncate(file, (off_t)size);
    return file;
}

static sigjmp_buf g_back;
static volatile sig_atomic_t g_signal;
static volatile sig_atomic_t g_expected;
static void on_signal(int number) {
    if (!g_expected)
        _exit(99);
    g_signal = number;
    siglongjmp(g_back, 1);
}
static int signal_of_read(const char* address) {
    g_signal = 0;
    g_expected = 1;
    if (sigsetjmp(g_back, 1) == 0)
        (void)*(volatile const char*)address;
    g_expected = 0;
    return g_signal;
}
static int signal_of_write(char* address) {
    g_signal = 0;
    g_expected = 1;
    if (sigsetjmp(g_back, 1) == 0)
        *(volatile char*)address = 1;
    g_expected = 0;
    return g_signal;
}

static void test_reservations(void) {
    enum { COUNT = 16 };
    const size_t size = 64UL << 30;
    char* places[COUNT];
    int good = 1;
    for (int i = 0; i < COUNT; i++) {
        places[i] = mmap(NULL, size, PROT_NONE, k_anonymous | MAP_NORESERVE, -1, 0);
        good &= places[i] != MAP_FAILED;
    }
    check("a TiB is reserved", good);
    char* part = mmap(places[3] + size / 2, 4 * PAGE, k_rw, k_anonymous | MAP_FIXED, -1, 0);
    part[PAGE] = 9;
    check("a part is put to use", part == places[3] + size / 2 && part[PAGE] == 9);
    check("and taken out of use",
          mmap(part, 4 * PAGE, PROT_NONE, k_anonymous | MAP_FIXED | MAP_NORESERVE, -1, 0) == part &&
              signal_of_read(part) == SIGSEGV);
    mprotect(part, PAGE, k_rw);
    part[0] = 1;
    check("DONTNEED of all of it", madvise(places[3], size, MADV_DONTNEED) == 0 && part[0] == 0);
    for (int i = 0; i < COUNT; i++)
        good &= munmap(places[i], size) == 0;
    check("and given back", good);
    check("NORESERVE that can be written",
          munmap(mmap(NULL, size, k_rw, k_anonymous | MAP_NORESERVE, -1, 0), size) == 0);
}

static void test_placing(void) {
    char* free_place = map(16 * PAGE, PROT_NONE);
    munmap(free_place, 16 * PAGE);
    char* at = mmap(free_place, 2 * PAGE, k_rw, k_anonymous | MAP_FIXED_NOREPLACE, -1, 0);
    check("NOREPLACE takes what is free", at == free_place);
    check("and refuses an overlap",
          fails_at(mmap(at + PAGE, 2 * PAGE, k_rw, k_anonymous | MAP_FIXED_NOREPLACE, -1, 0),
                   EEXIST));
    check("also with FIXED",
          fails_at(mmap(at, PAGE, k_rw, k_anonymous | MAP_FIXED | MAP_FIXED_NOREPLACE, -1, 0),
                   EEXIST));
    check("a fixed place that is odd",
          fails_at(mmap(at + 1, PAGE, k_rw, k_anonymous | MAP_FIXED, -1, 0), EINVAL));
    check("a hint that is odd is rounded",
          mmap(free_place + 5 * PAGE + 77, PAGE, k_rw, k_anonymous, -1, 0) != MAP_FAILED);
    munmap(free_place, 16 * PAGE);
    char* low = mmap(NULL, 16 * PAGE, k_rw, k_anonymous | MAP_32BIT, -1, 0);
    check("MAP_32BIT", (uintptr_t)low + 16 * PAGE <= 0x80000000UL);
    munmap(low, 16 * PAGE);
    char* stack = mmap(NULL, 8 * PAGE, k_rw, k_anonymous | MAP_STACK | MAP_NORESERVE, -1, 0);
    check("MAP_STACK", stack != MAP_FAILED && (stack[0] = 1) == 1);
    munmap(stack, 8 * PAGE);
    check("unknown flags of SHARED_VALIDATE",
          fails_at(mmap(NULL, PAGE, k_rw, MAP_SHARED_VALIDATE | (1 << 23), temporary_file(PAGE), 0),
                   EOPNOTSUPP));
    check("the zero page",
          fails_at(mmap(NULL, PAGE, k_rw, k_anonymous | MAP_FIXED, -1, 0), EPERM) ||
              geteuid() == 0);
}

static void test_growing_down(void) {
    char* room = map(512 * PAGE, PROT_NONE);
    munmap(room, 512 * PAGE);
    char* top = mmap(room + 511 * PAGE, PAGE, k_rw,
                     k_anonymous | MAP_GROWSDOWN | MAP_FIXED_NOREPLACE, -1, 0);
    check("GROWSDOWN", top == room + 511 * PAGE);
    check("grows", signal_of_write(top - 1) == 0 && signal_of_write(top - 3 * PAGE) == 0);
    check("keeps what is in between", top[-1] == 1 && top[-2 * PAGE] == 0);
    munmap(room, 512 * PAGE);
}

static void test_rights_of_files(void) {
    int file = temporary_file(2 * PAGE);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    int reader = open(path, O_RDONLY);
    check("shared and writable needs a file that is",
          fails_at(mmap(NULL, PAGE, k_rw, MAP_SHARED, reader, 0), EACCES));
    char* shared = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, reader, 0);
    check("nor can it become so", fails(mprotect(shared, PAGE, k_rw), EACCES));
    char* own = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, reader, 0);
    check("a private one can", mprotect(own, PAGE, k_rw) == 0 && (own[0] = 5) == 5);
    check("and keeps it to itself", shared[0] == 0);
    int writer = open(path, O_WRONLY);
    check("a file open for writing only",
          fails_at(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, writer, 0), EACCES));
    check("an odd offset", fails_at(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, file, 1), EINVAL));
    check("an offset behind the end is fine",
          mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, file, 100 * PAGE) != MAP_FAILED);
    int folder = open("/", O_RDONLY | O_DIRECTORY);
    check("a folder", fails_at(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, folder, 0), ENODEV));
}

static void test_truncation(void) {
    int file = temporary_file(4 * PAGE);
    char* shared = mmap(NULL, 4 * PAGE, k_rw, MAP_SHARED, file, 0);
    char* own = mmap(NULL, 4 * PAGE, k_rw, MAP_PRIVATE, file, 0);
    memset(shared, 1, 4 * PAGE);
    own[PAGE] = 2;
    own[3 * PAGE] = 2;
    ftruncate(file, 2 * PAGE - 100);
    check("what was cut off is gone", signal_of_read(shared + 2 * PAGE) == SIGBUS);
    check("from private mappings too", signal_of_read(own + 3 * PAGE) == SIGBUS);
    check("what was left stays", shared[PAGE] == 1 && own[PAGE] == 2);
    check("the rest of the last page is zero", shared[2 * PAGE - 1] == 0);
    ftruncate(file, 4 * PAGE);
    check("a file that grows again shows zeroes", shared[2 * PAGE] == 0 && own[3 * PAGE] == 0);
    shared[3 * PAGE] = 7;
    char byte = 0;
    check("and is written through", pread(file, &byte, 1, 3 * PAGE) == 1 && byte == 7);
    byte = 8;
    pwrite(file, &byte, 1, 3 * PAGE + 1);
    check("and read through", shared[3 * PAGE + 1] == 8 && own[3 * PAGE + 1] == 8);
    own[3 * PAGE] = 4;
    check("until it is copied", shared[3 * PAGE] == 7 && own[3 * PAGE] == 4);
    check("a hole in a mapped file",
          fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4 * PAGE) == 0 &&
              shared[3 * PAGE] == 0 && own[3 * PAGE] == 4 && own[0] == 0);
    munmap(shared, 4 * PAGE);
    munmap(own, 4 * PAGE);
    close(file);
}

static void test_moving(void) {
    char* memory = map(4 * PAGE, k_rw);
    memset(memory, 6, 4 * PAGE);
    char* moved = mremap(memory, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
    check("DONTUNMAP moves the pages",
          moved != MAP_FAILED && moved != memory && moved[3 * PAGE] == 6);
    check("and leaves an empty mapping", memory[0] == 0 && memory[3 * PAGE] == 0);
    memory[0] = 1;
    check("that can be used", memory[0] == 1 && moved[0] == 6);
    check("DONTUNMAP alone", fails_at(mremap(memory, PAGE, PAGE, MREMAP_DONTUNMAP, NULL), EINVAL));
    check(
        "DONTUNMAP of another size",
        fails_at(mremap(memory, PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL), EINVAL));
    char* target = map(4 * PAGE, PROT_NONE);
    char* there =
        mremap(moved, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP | MREMAP_FIXED, target);
    check("to a place", there == target && there[PAGE] == 6 && moved[PAGE] == 0);
    check("unknown flags", fails_at(mremap(there, PAGE, PAGE, 64), EINVAL));
    check("no new size", fails_at(mremap(there, PAGE, 0, MREMAP_MAYMOVE), EINVAL));
    check("FIXED without MAYMOVE",
          fails_at(mremap(there, PAGE, PAGE, MREMAP_FIXED, target), EINVAL));
    check("FIXED onto itself",
          fails_at(mremap(there, 2 * PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, there + PAGE),
                   EINVAL));
    check("no old size of private memory",
          fails_at(mremap(there, 0, PAGE, MREMAP_MAYMOVE), EINVAL));
    munmap(memory, 4 * PAGE);
    munmap(moved, 4 * PAGE);
    munmap(there, 4 * PAGE);
    int file = temporary_file(4 * PAGE);
    char* shared = mmap(NULL, 4 * PAGE, k_rw, MAP_SHARED, file, 0);
    shared[PAGE] = 3;
    char* twin = mremap(shared, 0, 2 * PAGE, MREMAP_MAYMOVE);
    check("no old size of shared memory makes a twin",
          twin != MAP_FAILED && twin != shared && twin[PAGE] == 3 && shared[PAGE] == 3);
    twin[0] = 4;
    check("of the same pages", shared[0] == 4);
    munmap(shared, 4 * PAGE);
    munmap(twin, 2 * PAGE);
    close(file);
}

static void test_many(void) {
    enum { PAGES = 100000 };
    char* memory = map((size_t)PAGES * PAGE, PROT_READ);
    int good = 1;
    for (int i = 0; i < PAGES; i += 2)
        good &= mprotect(memory + (size_t)i * PAGE, PAGE, PROT_NONE) == 0 || i > 60000;
    check("50,000 areas by protecting every other page", good);
    for (int i = 0; i < 60000; i += 2)
        good &= mprotect(memory + (size_t)i * PAGE, PAGE, PROT_READ) == 0;
    check("and one again", good);
    munmap(memory, (size_t)PAGES * PAGE);

    char* cut = map((size_t)200000 * PAGE, PROT_READ);
    int error = 0;
    for (int i = 0; i < 200000 && error == 0; i += 2)
        if (munmap(cut + (size_t)i * PAGE, PAGE) != 0)
            error = errno;
    check("there is a limit", error == ENOMEM);
    void* last = NULL;
    for (int i = 0; i < 4 && last != MAP_FAILED; i++)
        last = map(PAGE, i % 2 != 0 ? PROT_READ | PROT_EXEC : PROT_NONE);
    check("also for mmap", fails_at(last, ENOMEM));
    check("and room again afterwards",
          munmap(cut, (size_t)200000 * PAGE) == 0 && map(PAGE, k_rw) != MAP_FAILED);
}

int main(void) {
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    test_reservations();
    test_placing();
    test_growing_down();
    test_rights_of_files();
    test_truncation();
    test_moving();
    test_many();
    return failures != 0;
}
