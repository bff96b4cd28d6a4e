// clone and clone3: flags, sizes and errors, and what a bare thread sees.
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../check.h"

#define THREAD_FLAGS                                                                               \
    (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)
enum { STACK = 65536, FUTEX_WAIT = 0, FUTEX_WAKE = 1, CLONE_CALL = 435 };

struct clone3_arguments {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid,
        set_tid_size, cgroup;
};

static char g_stack[STACK] __attribute__((aligned(16)));
static volatile int g_ran, g_tid_seen, g_pid_seen, g_child_tid, g_parent_tid, g_clear_tid;
static volatile uint64_t g_fs_word;
static volatile unsigned long g_blocked;
static char g_name[16];

// Runs on the new stack without a C library's thread: system calls only.
__attribute__((used)) static void body(void) {
    unsigned long mask = 0;
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(SYS_gettid) : "rcx", "r11", "memory");
    g_tid_seen = (int)result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(SYS_getpid) : "rcx", "r11", "memory");
    g_pid_seen = (int)result;
    register long size __asm__("r10") = 8;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(SYS_rt_sigprocmask), "D"(0L), "S"(0L), "d"(&mask), "r"(size)
                     : "rcx", "r11", "memory");
    g_blocked = mask;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(SYS_prctl), "D"((long)PR_GET_NAME), "S"(g_name)
                     : "rcx", "r11", "memory");
    __asm__ volatile("movq %%fs:0, %0" : "=r"(result));
    g_fs_word = (uint64_t)result;
    g_ran = 1;
    __asm__ volatile("syscall" : : "a"(SYS_exit), "D"(0L) : "rcx", "r11", "memory");
    __builtin_unreachable();
}

static long start(long number, const void* first, long second, long third, long fourth,
                  long fifth) {
    register long r10 __asm__("r10") = fourth;
    register long r8 __asm__("r8") = fifth;
    long result = number;
    __asm__ volatile("syscall\n\t"
                     "testq %%rax, %%rax\n\t"
                     "jnz 1f\n\t"
                     "xorl %%ebp, %%ebp\n\t"
                     "andq $-16, %%rsp\n\t"
                     "call body\n\t"
                     "1:"
                     : "+a"(result), "+r"(r10), "+r"(r8)
                     : "D"(first), "S"(second), "d"(third)
                     : "rcx", "r11", "memory");
    if (result < 0) {
        errno = (int)-result;
        return -1;
    }
    return result;
}

static long clone3_of(struct clone3_arguments arguments, size_t size) {
    char room[8192] = {0};
    memcpy(room, &arguments, sizeof(arguments));
    return start(CLONE_CALL, room, (long)size, 0, 0, 0);
}

static void await_end(volatile int* word) {
    while (*word != 0)
        syscall(SYS_futex, word, FUTEX_WAIT, *word, NULL, NULL, 0);
}

static uint64_t g_block[64];

static void show_start(const char* name, long id) {
    await_end(&g_clear_tid);
    const int own_pid = getpid();
    printf("ok %s: started %d, ran %d, its id %d, pid %d, parent's %d, child's %d\n", name, id > 0,
           g_ran, g_tid_seen == id, g_pid_seen == own_pid, g_parent_tid == id, g_child_tid == id);
    printf("ok %s: thread pointer %d, mask %lx, name %s\n", name, g_fs_word == g_block[0],
           g_blocked, g_name);
    g_ran = g_tid_seen = g_pid_seen = g_parent_tid = g_child_tid = 0;
}

static void test_starting(void) {
    prctl(PR_SET_NAME, "parent's name");
    sigset_t block, old;
    sigemptyset(&block);
    sigaddset(&block, SIGUSR1);
    sigprocmask(SIG_BLOCK, &block, &old);
    g_block[0] = 0x1122334455667788;
    g_clear_tid = 1;
    const long all = THREAD_FLAGS | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
    show_start("clone", start(SYS_clone, (void*)(all | 0x400000), (long)(g_stack + STACK),
                              (long)&g_parent_tid, (long)&g_clear_tid, (long)g_block));
    struct clone3_arguments arguments = {.flags = (uint64_t)all,
                                         .child_tid = (uint64_t)&g_clear_tid,
                                         .parent_tid = (uint64_t)&g_parent_tid,
                                         .stack = (uint64_t)g_stack,
                                         .stack_size = STACK,
                                         .tls = (uint64_t)g_block};
    g_clear_tid = 1;
    show_start("clone3", clone3_of(arguments, 88));
    g_clear_tid = 1;
    show_start("clone3 of 64 bytes", clone3_of(arguments, 64));
    g_clear_tid = 1;
    show_start("clone3 with room for more", clone3_of(arguments, 200));
    sigprocmask(SIG_SETMASK, &old, NULL);
}

static void test_errors(void) {
    const struct clone3_arguments good = {
        .flags = THREAD_FLAGS, .stack = (uint64_t)g_stack, .stack_size = STACK};
    struct clone3_arguments bad = good;
    show("clone3 of 56 bytes", clone3_of(good, 56));
    show("clone3 of 5000 bytes", clone3_of(good, 5000));
    char more[128] = {0};
    memcpy(more, &good, sizeof(good));
    more[100] = 1;
    show("unknown arguments behind", start(CLONE_CALL, more, 128, 0, 0, 0));
    show("clone3 at a bad address", start(CLONE_CALL, (void*)8, 88, 0, 0, 0));
    bad.exit_signal = SIGCHLD;
    show("a thread with an exit signal", clone3_of(bad, 88));
    bad = good;
    bad.stack = 0;
    show("a stack size without a stack", clone3_of(bad, 88));
    bad = good;
    bad.stack_size = 0;
    show("a stack without a size", clone3_of(bad, 88));
    bad = good;
    bad.flags |= CLONE_DETACHED;
    show("CLONE_DETACHED", clone3_of(bad, 88));
    bad = good;
    bad.flags |= 17;
    show("a signal among the flags", clone3_of(bad, 88));
    bad = good;
    bad.flags |= 1ULL << 40;
    show("an unknown flag", clone3_of(bad, 88));
    bad = good;
    bad.flags |= 0x100000000ULL; // CLONE_CLEAR_SIGHAND
    show("cleared handlers in a thread", clone3_of(bad, 88));
    bad = good;
    bad.flags &= ~(uint64_t)CLONE_SIGHAND;
    show("a thread without CLONE_SIGHAND", clone3_of(bad, 88));
    bad = good;
    bad.flags &= ~(uint64_t)CLONE_VM;
    show("a thread without CLONE_VM", clone3_of(bad, 88));
    bad = good;
    bad.flags |= CLONE_NEWPID;
    show("a thread in a new namespace", clone3_of(bad, 88));
    bad = good;
    bad.set_tid_size = 1;
    show("a size of ids without ids", clone3_of(bad, 88));
    bad = good;
    bad.set_tid = (uint64_t)&g_tid_seen;
    show("ids without a size", clone3_of(bad, 88));
    bad = good;
    bad.set_tid = (uint64_t)&g_tid_seen;
    bad.set_tid_size = 1000;
    show("too many ids", clone3_of(bad, 88));
    bad = good;
    bad.flags |= CLONE_NEWUSER;
    show("a thread as another user", clone3_of(bad, 88));
    bad = good;
    bad.flags |= CLONE_NEWNS;
    show("a thread with mounts of its own", clone3_of(bad, 88));
    show("clone without CLONE_VM", start(SYS_clone, (void*)(long)(CLONE_THREAD | CLONE_SIGHAND),
                                         (long)(g_stack + STACK), 0, 0, 0));
    show("clone with a thread pointer of the kernel's",
         start(SYS_clone, (void*)(long)(THREAD_FLAGS | CLONE_SETTLS), (long)(g_stack + STACK), 0, 0,
               (long)0xffff800000000000));
    check("nothing ran", g_ran == 0);
}

int main(void) {
    test_starting();
    test_errors();
    return failures != 0;
}
