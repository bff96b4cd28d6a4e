// The alternate stack: its rules, nested handlers on it, its end, and stacks that go away.
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "../check.h"

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1U << 31)
#endif

enum { SIZE = 65536 };
static char g_stack[SIZE] __attribute__((aligned(4096)));
static char g_second[SIZE] __attribute__((aligned(4096)));
static volatile int g_inside, g_depth, g_deepest, g_flags_inside, g_change_error, g_signal;
static volatile uintptr_t g_frames[8];
static sigjmp_buf g_back;

static int on(const char* stack) {
    const uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    return here > (uintptr_t)stack && here <= (uintptr_t)stack + SIZE;
}

static long set_stack(char* start, unsigned flags, size_t size) {
    const stack_t stack = {.ss_sp = start, .ss_flags = (int)flags, .ss_size = size};
    return syscall(SYS_sigaltstack, &stack, NULL);
}

static void show_stack(const char* name) {
    stack_t now;
    syscall(SYS_sigaltstack, NULL, &now);
    printf("ok %s: start %s, flags %x, size %zu\n", name,
           now.ss_sp == g_stack    ? "first"
           : now.ss_sp == g_second ? "second"
           : now.ss_sp == NULL     ? "none"
                                   : "other",
           (unsigned)now.ss_flags, now.ss_size);
}

static void look(int signal, siginfo_t* info, void* context) {
    (void)info;
    (void)context;
    stack_t now;
    g_signal = signal;
    g_inside = on(g_stack) ? 1 : on(g_second) ? 2 : 0;
    syscall(SYS_sigaltstack, NULL, &now);
    g_flags_inside = now.ss_flags;
    g_change_error = set_stack(g_second, 0, SIZE) == 0 ? 0 : errno;
}

static void nest(int signal, siginfo_t* info, void* context) {
    (void)info;
    (void)context;
    g_frames[g_depth] = (uintptr_t)__builtin_frame_address(0);
    if (++g_depth < 4)
        raise(signal);
    g_deepest = g_deepest > g_depth ? g_deepest : g_depth;
    g_depth--;
}

static void leave(int signal, siginfo_t* info, void* context) {
    (void)info;
    (void)context;
    g_signal = signal;
    g_inside = on(g_stack) ? 1 : 0;
    siglongjmp(g_back, 1);
}

static void install(int signal, void (*handler)(int, siginfo_t*, void*), int flags) {
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO | flags;
    sigaction(signal, &action, NULL);
}

static void test_rules(void) {
    show_stack("at the start");
    show("too small", set_stack(g_stack, 0, 1024));
    show("unknown flags", set_stack(g_stack, 4, SIZE));
    show("a bad pointer", syscall(SYS_sigaltstack, 8, NULL));
    show("a stack", set_stack(g_stack, 0, SIZE));
    show_stack("set");
    install(SIGUSR1, look, SA_ONSTACK);
    raise(SIGUSR1);
    printf("ok handler on stack %d, flags %x, changing it: error %d\n", g_inside, g_flags_inside,
           g_change_error);
    install(SIGUSR1, look, 0);
    raise(SIGUSR1);
    printf("ok handler on stack %d, flags %x, changing it: error %d\n", g_inside, g_flags_inside,
           g_change_error);
    show_stack("after the handler changed it");
    show("disarming itself", set_stack(g_stack, SS_AUTODISARM, SIZE));
    show_stack("set");
    install(SIGUSR1, look, SA_ONSTACK);
    raise(SIGUSR1);
    printf("ok handler on stack %d, flags %x, changing it: error %d\n", g_inside, g_flags_inside,
           g_change_error);
    show_stack("afterwards");
    show("marked as in use", set_stack(g_stack, SS_ONSTACK, SIZE));
    show_stack("set");
    show("off", set_stack(g_stack, SS_DISABLE, 0));
    show_stack("off");
}

static void test_nesting(void) {
    set_stack(g_stack, 0, SIZE);
    install(SIGUSR1, nest, SA_ONSTACK | SA_NODEFER);
    raise(SIGUSR1);
    int below = 1;
    for (int i = 1; i < 4; i++)
        below &= g_frames[i] < g_frames[i - 1] && g_frames[i] > (uintptr_t)g_stack;
    printf("ok nested %d deep, each below the last: %d\n", g_deepest, below);
}

static volatile int g_sink;
__attribute__((noinline)) static int overflow(int depth) {
    volatile char room[512];
    room[0] = (char)depth;
    g_sink += room[0];
    return depth < 0 ? 0 : overflow(depth + 1) + room[0];
}

static void test_overflow(void) {
    install(SIGSEGV, leave, SA_ONSTACK);
    for (int i = 0; i < 2; i++) {
        g_inside = g_signal = 0;
        if (sigsetjmp(g_back, 1) == 0)
            overflow(0);
        printf("ok stack overflow: signal %d on stack %d\n", g_signal, g_inside);
    }
}

// A signal for which the stack has no room becomes SIGSEGV, which has one.
static void test_no_room(void) {
    install(SIGUSR1, leave, 0);
    char* small = mmap(NULL, 3 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(small + 4096, 4096, PROT_READ | PROT_WRITE);
    g_signal = 0;
    const long pid = getpid(), tid = syscall(SYS_gettid);
    if (sigsetjmp(g_back, 1) == 0) {
        long call = SYS_tgkill;
        __asm__ volatile("movq %%rsp, %%rbx; movq %1, %%rsp; syscall; movq %%rbx, %%rsp"
                         : "+a"(call)
                         : "r"(small + 4096 + 256), "D"(pid), "S"(tid), "d"((long)SIGUSR1)
                         : "rbx", "rcx", "r11", "memory");
    }
    printf("ok no room: signal %d on stack %d\n", g_signal, g_inside);
}

int main(void) {
    test_rules();
    test_nesting();
    test_overflow();
    test_no_room();
    return failures != 0;
}
