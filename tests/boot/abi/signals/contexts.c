// Signal frames as Linux lays them out, read and changed by handlers as Go and the JVM do.
#include <cpuid.h>
#include <immintrin.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "../check.h"

static void install(int signal, void (*handler)(int, siginfo_t*, void*), int flags) {
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO | flags;
    sigaction(signal, &action, NULL);
}

static ucontext_t g_context;
static unsigned char g_state[16384];
static uintptr_t g_frame, g_info_address, g_context_address, g_fpu_address;

static void copy_frame(int signal, siginfo_t* info, void* context) {
    const ucontext_t* user = context;
    (void)signal;
    g_context = *user;
    g_frame = (uintptr_t)__builtin_frame_address(0);
    g_info_address = (uintptr_t)info;
    g_context_address = (uintptr_t)context;
    g_fpu_address = (uintptr_t)user->uc_mcontext.fpregs;
    uint32_t size;
    memcpy(&size, (char*)g_fpu_address + 464 + 16, 4);
    memcpy(g_state, (void*)g_fpu_address, size != 0 && size + 4 < sizeof(g_state) ? size + 4 : 512);
}

static uint32_t word(size_t offset) {
    uint32_t value;
    memcpy(&value, g_state + offset, 4);
    return value;
}

static void test_layout(void) {
    install(SIGUSR1, copy_frame, 0);
    sigset_t block, old;
    sigemptyset(&block);
    sigaddset(&block, SIGUSR2);
    sigprocmask(SIG_BLOCK, &block, &old);
    raise(SIGUSR1);
    check("the context's mask is that from before",
          sigismember(&g_context.uc_sigmask, SIGUSR2) &&
              !sigismember(&g_context.uc_sigmask, SIGUSR1));
    sigprocmask(SIG_SETMASK, &old, NULL);
    printf("ok flags %lx, link %d\n", g_context.uc_flags & 7, g_context.uc_link != NULL);
    printf("ok info lies %d behind the context\n", (int)(g_info_address - g_context_address));
    check("the FPU state is aligned", g_fpu_address % 64 == 0 && g_fpu_address > g_info_address);
    const uint64_t segments = (uint64_t)g_context.uc_mcontext.gregs[REG_CSGSFS];
    printf("ok segments %lx\n", (unsigned long)segments);
    unsigned a, b, c, d;
    __cpuid(1, a, b, c, d);
    if ((c & bit_OSXSAVE) == 0)
        return;
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    __cpuid_count(0xd, 0, a, b, c, d);
    check("magic1", word(464) == 0x46505853);
    // What the host's CPU has beyond AVX-512 (protection keys, tiles) is not compared.
    check("the features are those of XCR0", (word(464 + 8) & 0xe7) == (low & 0xe7));
    const uint32_t size = word(464 + 16);
    check("the size covers header and AVX", size >= 576 && size <= b);
    check("magic2 lies behind the state", word(size) == 0x46505845);
    check("the extended size counts magic2", word(464 + 4) == size + 4);
    check("x87 or SSE are marked as saved", (word(512) & 2) != 0 || (word(512) & 1) == 0);
}

static int g_elsewhere_ran;
static char g_other_stack[65536] __attribute__((aligned(16)));
static volatile uintptr_t g_sp_seen;
static ucontext_t g_before;

__attribute__((noinline, used)) static void elsewhere(long first, long second) {
    g_elsewhere_ran = first == 11 && second == 22;
    g_sp_seen = (uintptr_t)__builtin_frame_address(0);
    raise(SIGUSR2); // goes back
    _exit(3);
}

static void go_elsewhere(int signal, siginfo_t* info, void* context) {
    ucontext_t* user = context;
    (void)signal;
    (void)info;
    g_before = *user;
    user->uc_mcontext.gregs[REG_RIP] = (long)elsewhere;
    user->uc_mcontext.gregs[REG_RSP] = (long)(g_other_stack + sizeof(g_other_stack) - 8);
    user->uc_mcontext.gregs[REG_RDI] = 11;
    user->uc_mcontext.gregs[REG_RSI] = 22;
}

static void come_back(int signal, siginfo_t* info, void* context) {
    ucontext_t* user = context;
    (void)signal;
    (void)info;
    memcpy(user->uc_mcontext.gregs, g_before.uc_mcontext.gregs, sizeof(user->uc_mcontext.gregs));
    user->uc_sigmask = g_before.uc_sigmask;
}

static void test_jumps(void) {
    install(SIGUSR1, go_elsewhere, 0);
    install(SIGUSR2, come_back, 0);
    check("back from elsewhere", raise(SIGUSR1) == 0);
    check("rip, arguments and stack of the handler's choice",
          g_elsewhere_ran && g_sp_seen > (uintptr_t)g_other_stack &&
              g_sp_seen < (uintptr_t)g_other_stack + sizeof(g_other_stack));
}

// A fault that the handler repairs by skipping the instruction, as the JVM's null checks.
static void skip(int signal, siginfo_t* info, void* context) {
    ucontext_t* user = context;
    (void)signal;
    (void)info;
    user->uc_mcontext.gregs[REG_RIP] += 3; // mov (%rax),%rcx
    user->uc_mcontext.gregs[REG_RCX] = 4711;
}

static void test_skipping(void) {
    install(SIGSEGV, skip, 0);
    long total = 0;
    for (int i = 0; i < 1000; i++) {
        long value = 0;
        __asm__ volatile("movq (%%rax), %%rcx" : "=c"(value) : "a"(i * 8L) : "memory");
        total += value;
    }
    check("a thousand null checks", total == 4711000);
    signal(SIGSEGV, SIG_DFL);
}

static void change_sse(int signal, siginfo_t* info, void* context) {
    ucontext_t* user = context;
    (void)signal;
    (void)info;
    const uint64_t value[2] = {0x1111, 0x2222};
    memcpy((char*)user->uc_mcontext.fpregs + 160 + 7 * 16, value, sizeof(value));
}

static void break_state(int signal, siginfo_t* info, void* context) {
    ucontext_t* user = context;
    (void)signal;
    (void)info;
    // Reserved MXCSR bits and a damaged header: what the CPU would refuse.
    char* state = (char*)user->uc_mcontext.fpregs;
    memset(state + 464, 0, 4);
}

static volatile unsigned g_mode_inside;
static void look_at_mode(int signal) {
    unsigned mode;
    (void)signal;
    __asm__ volatile("stmxcsr %0" : "=m"(mode));
    g_mode_inside = mode;
}

static void test_modes(void) {
    const unsigned flush_to_zero = 0x9f80;
    unsigned after;
    __asm__ volatile("ldmxcsr %0" : : "m"(flush_to_zero));
    signal(SIGUSR1, look_at_mode);
    raise(SIGUSR1);
    __asm__ volatile("stmxcsr %0" : "=m"(after));
    printf("ok MXCSR %x in a handler, %x after it\n", g_mode_inside, after);
    const unsigned usual = 0x1f80;
    __asm__ volatile("ldmxcsr %0" : : "m"(usual));
}

static void test_sse(void) {
    install(SIGUSR1, change_sse, 0);
    uint64_t after[2] = {0, 0};
    const long pid = getpid(), tid = syscall(SYS_gettid);
    long call = SYS_tgkill;
    __asm__ volatile("pcmpeqd %%xmm7, %%xmm7\n\tsyscall\n\tmovdqu %%xmm7, %1"
                     : "+a"(call), "=m"(after)
                     : "D"(pid), "S"(tid), "d"((long)SIGUSR1)
                     : "rcx", "r11", "xmm7", "memory");
    check("a handler changes xmm7", after[0] == 0x1111 && after[1] == 0x2222);
    install(SIGUSR1, break_state, 0);
    check("a damaged note leaves the legacy state", raise(SIGUSR1) == 0);
    unsigned control;
    __asm__ volatile("stmxcsr %0" : "=m"(control));
    check("MXCSR is sound", (control & 0xffff0000) == 0);
}

// Many threads with vector registers of their own, switched at any time and hit by signals.
enum { THREADS = 6 };
static volatile int g_stop;
static volatile unsigned g_hits;

__attribute__((target("avx"))) static void spoil(int signal, siginfo_t* info, void* context) {
    (void)signal;
    (void)info;
    (void)context;
    __atomic_add_fetch(&g_hits, 1, __ATOMIC_SEQ_CST);
    __asm__ volatile("vpxor %%xmm0, %%xmm0, %%xmm0; vpxor %%xmm8, %%xmm8, %%xmm8;"
                     "vpxor %%xmm15, %%xmm15, %%xmm15; vzeroupper"
                     :
                     :
                     : "xmm0", "xmm8", "xmm15");
}

__attribute__((target("avx"))) static void* hold_vectors(void* number) {
    const double own = (double)(long)number;
    double in[4] = {own, own + 100, own + 200, own + 300}, out0[4], out8[4], out15[4];
    long wrong = 0;
    __asm__ volatile("vmovupd %0, %%ymm0; vmovupd %0, %%ymm8; vmovupd %0, %%ymm15"
                     :
                     : "m"(in)
                     : "xmm0", "xmm8", "xmm15");
    while (!g_stop) {
        long call = SYS_sched_yield;
        __asm__ volatile("vmovupd %4, %%ymm0; vmovupd %4, %%ymm8; vmovupd %4, %%ymm15;"
                         "movl $20000, %%r12d; 1: decl %%r12d; jnz 1b; syscall;"
                         "movl $20000, %%r12d; 2: decl %%r12d; jnz 2b;"
                         "vmovupd %%ymm0, %1; vmovupd %%ymm8, %2; vmovupd %%ymm15, %3"
                         : "+a"(call), "=m"(out0), "=m"(out8), "=m"(out15)
                         : "m"(in)
                         : "rcx", "r11", "r12", "xmm0", "xmm8", "xmm15", "memory");
        wrong += memcmp(in, out0, sizeof(in)) != 0;
        wrong += memcmp(in, out8, sizeof(in)) != 0;
        wrong += memcmp(in, out15, sizeof(in)) != 0;
    }
    return (void*)wrong;
}

static void test_vectors(void) {
    long wrong = 0;
    if (__builtin_cpu_supports("avx")) {
        install(SIGUSR1, spoil, SA_RESTART);
        pthread_t threads[THREADS];
        for (long i = 0; i < THREADS; i++)
            pthread_create(&threads[i], NULL, hold_vectors, (void*)(i + 1));
        while (g_hits < 300)
            for (int i = 0; i < THREADS; i++) {
                pthread_kill(threads[i], SIGUSR1);
                sched_yield();
            }
        g_stop = 1;
        for (int i = 0; i < THREADS; i++) {
            void* result;
            pthread_join(threads[i], &result);
            wrong += (long)result;
        }
    }
    check("each thread keeps its vector registers through switches and handlers", wrong == 0);
}

int main(void) {
    test_layout();
    test_jumps();
    test_skipping();
    test_modes();
    test_sse();
    test_vectors();
    return failures != 0;
}
