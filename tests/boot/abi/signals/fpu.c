// Vector and x87 state survives handlers, and handlers start with what the ABI promises.
#include <immintrin.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}

static volatile int g_handled;
static volatile uint32_t g_magic;
static volatile int g_direction_clear;

static void spoil(int signal, siginfo_t* info, void* context) {
    const ucontext_t* user = context;
    unsigned long flags;
    (void)signal;
    (void)info;
    __asm__ volatile("pushfq; popq %0" : "=r"(flags));
    g_direction_clear = (flags & 0x400) == 0;
    const char* state = (const char*)user->uc_mcontext.fpregs;
    memcpy((void*)&g_magic, state + 464, sizeof(g_magic));
    __asm__ volatile("pxor %%xmm0, %%xmm0; pxor %%xmm7, %%xmm7; pxor %%xmm15, %%xmm15;"
                     "fninit; fld1; fldpi"
                     :
                     :
                     : "xmm0", "xmm7", "xmm15");
    g_handled++;
}

static void install(int signal) {
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_sigaction = spoil;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    sigaction(signal, &action, NULL);
}

static int sse_kept(void) {
    const uint64_t before[2] = {0x1122334455667788, 0x99aabbccddeeff00};
    uint64_t after[2] = {0, 0};
    __asm__ volatile("movdqu %1, %%xmm7\n\t"
                     "movl $200, %%eax\n\t" // tkill(gettid(), SIGUSR1)
                     "syscall\n\t"
                     "movdqu %%xmm7, %0"
                     : "=m"(after)
                     : "m"(before), "D"(0L), "S"((long)SIGUSR1)
                     : "rax", "rcx", "r11", "xmm7", "memory");
    return memcmp(before, after, sizeof(before)) == 0;
}

// Sums until the timer's handler has run often enough; the sum must not notice.
static double busy_sum(int handlers) {
    double sum = 0;
    g_handled = 0;
    const struct itimerval on = {{0, 2000}, {0, 2000}}, off = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &on, NULL);
    long rounds = 0;
    while (g_handled < handlers || rounds % 1000 != 0) {
        sum += 1.0 / 1024;
        rounds++;
    }
    setitimer(ITIMER_REAL, &off, NULL);
    return sum - (double)rounds / 1024;
}

__attribute__((target("avx"))) static int avx_kept(void) {
    float before[8] = {1, 2, 3, 4, 5, 6, 7, 8}, after[8];
    __m256 value = _mm256_loadu_ps(before);
    __asm__ volatile("" : "+x"(value));
    raise(SIGUSR1);
    __asm__ volatile("" : "+x"(value));
    _mm256_storeu_ps(after, value);
    return memcmp(before, after, sizeof(before)) == 0;
}

int main(void) {
    install(SIGUSR1);
    install(SIGALRM);
    // Kept through a call that fails too.
    check("vector registers across a system call", sse_kept());
    raise(SIGUSR1);
    check("the handler ran", g_handled == 1);
    check("the direction flag is clear in it", g_direction_clear);
    check("the frame's FPU state is marked as XSAVE's or plain",
          g_magic == 0x46505853 || g_magic == 0);
    double x87 = 0;
    __asm__ volatile("fldpi" ::);
    raise(SIGUSR1);
    __asm__ volatile("fstpl %0" : "=m"(x87));
    check("x87 registers", x87 > 3.14159265358 && x87 < 3.14159265359);
    check("floating point under a timer's handler", busy_sum(20) == 0);
    check("AVX registers", !__builtin_cpu_supports("avx") || avx_kept());
    unsigned control = _mm_getcsr() | 0x8000; // flush to zero
    _mm_setcsr(control);
    raise(SIGUSR1);
    check("MXCSR", _mm_getcsr() == control);
    return failures != 0;
}
