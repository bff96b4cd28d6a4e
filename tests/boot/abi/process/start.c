// What a program finds when it starts, and what it is told about itself and the system.
#include <elf.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}

extern char** environ;

static int g_initialised = 42;
static int g_zero[100000];
static const char k_text[] = "read-only";

static void test_start(int argc, char** argv) {
    check("arguments end with null", argc >= 1 && argv[argc] == NULL && argv[0][0] != '\0');
    check("the environment follows them", environ == argv + argc + 1);
    int clean = 1;
    for (int i = 0; i < 100000; i++)
        clean &= g_zero[i] == 0;
    check("data and bss", g_initialised == 42 && clean && k_text[0] == 'r');
    check("the stack is aligned", (uintptr_t)__builtin_frame_address(0) % 16 == 0);
}

static void test_auxiliary(void) {
    const Elf64_Phdr* headers = (const Elf64_Phdr*)getauxval(AT_PHDR);
    const unsigned long count = getauxval(AT_PHNUM);
    int loads = 0;
    for (unsigned long i = 0; i < count; i++)
        loads += headers[i].p_type == PT_LOAD;
    check("program headers", getauxval(AT_PHENT) == sizeof(Elf64_Phdr) && loads >= 2);
    check("page size", getauxval(AT_PAGESZ) == 4096 && sysconf(_SC_PAGESIZE) == 4096);
    check("platform", strcmp((const char*)getauxval(AT_PLATFORM), "x86_64") == 0);
    check("program name", getauxval(AT_EXECFN) != 0);
    check("entry", getauxval(AT_ENTRY) != 0);
    const unsigned char* random = (const unsigned char*)getauxval(AT_RANDOM);
    int sum = 0;
    for (int i = 0; i < 16; i++)
        sum |= random[i];
    check("random bytes", sum != 0);
    check("not set-uid", getauxval(AT_SECURE) == 0);
    check("clock ticks", getauxval(AT_CLKTCK) == 100);
    check("the vDSO is an ELF file",
          memcmp((const void*)getauxval(AT_SYSINFO_EHDR), "\177ELF", 4) == 0);
}

static void test_identity(void) {
    struct utsname names;
    check("uname", uname(&names) == 0 && strcmp(names.sysname, "Linux") == 0 &&
                       strcmp(names.machine, "x86_64") == 0);
    check("a release that C libraries accept", atoi(names.release) >= 4);
    check("process id", getpid() > 0 && getpid() == syscall(SYS_gettid));
    check("users", getuid() == geteuid() && getgid() == getegid());
    check("setting what is set", setuid(getuid()) == 0 && setgid(getgid()) == 0);
    struct sysinfo info;
    check("sysinfo", sysinfo(&info) == 0 && info.totalram > info.freeram && info.mem_unit == 1);
}

static void test_limits(void) {
    struct rlimit limit;
    check("stack limit", getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur >= 1 << 20);
    check("descriptor limit", getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= 256);
    limit.rlim_cur = 200;
    check("can be lowered", setrlimit(RLIMIT_NOFILE, &limit) == 0 &&
                                getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == 200);
    int last = 0;
    for (int i = 0; i < 300 && last >= 0; i++)
        last = dup(0);
    check("and is kept", last == -1 && errno == EMFILE);
    check("no such limit", getrlimit(99, &limit) == -1 && errno == EINVAL);
    limit.rlim_cur = 10;
    limit.rlim_max = 5;
    check("soft above hard", setrlimit(RLIMIT_CORE, &limit) == -1 && errno == EINVAL);
    struct rusage usage;
    check("resource use", getrusage(RUSAGE_SELF, &usage) == 0 && usage.ru_maxrss > 0);
}

static void test_random(void) {
    unsigned char first[64], second[64];
    check("getrandom", getrandom(first, sizeof(first), 0) == 64 &&
                           getrandom(second, sizeof(second), GRND_NONBLOCK) == 64);
    check("differs each time", memcmp(first, second, 64) != 0);
    check("bad flags", getrandom(first, 1, 0x100) == -1 && errno == EINVAL);
    check("bad address", syscall(SYS_getrandom, 16, 64, 0) == -1 && errno == EFAULT);
}

static void leave(void) {
    printf("ok exit handlers run\n");
}

int main(int argc, char** argv) {
    test_start(argc, argv);
    test_auxiliary();
    test_identity();
    test_limits();
    test_random();
    check("an unknown system call", syscall(490) == -1 && errno == ENOSYS);
    atexit(leave);
    return failures != 0;
}
