// Faults as signals: recovering by siglongjmp, codes and addresses, the alternate stack.
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}

static sigjmp_buf g_back;
static volatile int g_signal, g_code, g_on_stack, g_trap;
static void* volatile g_address;
static char g_stack[65536];

static void recover(int signal, siginfo_t* info, void* context) {
    const char here = 0;
    const ucontext_t* user = context;
    g_signal = signal;
    g_code = info->si_code;
    g_address = info->si_addr;
    g_trap = (int)user->uc_mcontext.gregs[REG_TRAPNO];
    g_on_stack = &here >= g_stack && &here < g_stack + sizeof(g_stack);
    siglongjmp(g_back, 1);
}

static int recurse(int depth) {
    volatile char block[4096];
    block[0] = (char)depth;
    if (depth < 0)
        return 0;
    return recurse(depth + 1) + block[0];
}

static volatile int g_zero, g_one = 1;
static volatile int g_skipped;

static void skip(int signal, siginfo_t* info, void* context) {
    ucontext_t* user = context;
    (void)signal;
    (void)info;
    user->uc_mcontext.gregs[REG_RIP] += 2; // ud2
    g_skipped++;
}

static void install(int signal, void (*handler)(int, siginfo_t*, void*), int flags) {
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO | flags;
    sigaction(signal, &action, NULL);
}

#define TRY(statement)                                                                             \
    do {                                                                                           \
        g_signal = g_code = 0;                                                                     \
        if (sigsetjmp(g_back, 1) == 0) {                                                           \
            statement;                                                                             \
        }                                                                                          \
    } while (0)

int main(void) {
    install(SIGSEGV, recover, 0);
    install(SIGBUS, recover, 0);
    install(SIGFPE, recover, 0);
    install(SIGTRAP, recover, 0);

    volatile int* unmapped = (volatile int*)0x10;
    TRY(*unmapped = 1);
    check("a write to unmapped memory", g_signal == SIGSEGV && g_code == SEGV_MAPERR);
    check("its address", g_address == (void*)0x10 && g_trap == 14);

    volatile char* page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    TRY(page[5] = 1);
    check("a write to read-only memory",
          g_signal == SIGSEGV && g_code == SEGV_ACCERR && g_address == (void*)(page + 5));
    volatile char value;
    TRY(value = page[5]);
    check("reading it is fine", g_signal == 0 && value == 0);
    mprotect((void*)page, 4096, PROT_NONE);
    TRY(value = page[5]);
    check("reading PROT_NONE", g_signal == SIGSEGV && g_code == SEGV_ACCERR);
    mprotect((void*)page, 4096, PROT_READ | PROT_WRITE);
    *(volatile unsigned char*)page = 0xc3; // ret
    TRY(((void (*)(void))(uintptr_t)page)());
    check("executing data",
          g_signal == SIGSEGV && g_code == SEGV_ACCERR && g_address == (void*)page);
    TRY(*(volatile int*)0x8000000000000000UL = 1);
    check("a non-canonical address", g_signal == SIGSEGV && g_code == SI_KERNEL && g_trap == 13);
    TRY(value = (char)(g_one / g_zero));
    check("a division by zero", g_signal == SIGFPE && g_code == FPE_INTDIV);
    TRY(__asm__ volatile("int3"));
    check("a breakpoint", g_signal == SIGTRAP && g_code == SI_KERNEL);

    install(SIGILL, skip, 0);
    __asm__ volatile("ud2; ud2");
    check("a handler can step over an instruction", g_skipped == 2);

    stack_t stack = {.ss_sp = g_stack, .ss_size = sizeof(g_stack)}, old;
    check("alternate stack", sigaltstack(&stack, NULL) == 0);
    install(SIGSEGV, recover, SA_ONSTACK);
    TRY(*unmapped = 1);
    check("a handler on it", g_signal == SIGSEGV && g_on_stack);
    TRY(recurse(0));
    check("a stack overflow is caught", g_signal == SIGSEGV && g_on_stack);
    TRY(recurse(0));
    check("and again", g_signal == SIGSEGV && g_on_stack);
    sigaltstack(NULL, &old);
    check("the alternate stack can be read", old.ss_sp == g_stack && old.ss_flags == 0);
    stack.ss_flags = SS_DISABLE;
    sigaltstack(&stack, NULL);
    TRY(*unmapped = 1);
    check("and switched off", g_signal == SIGSEGV && !g_on_stack);
    stack.ss_flags = 0;
    stack.ss_size = 100;
    check("one too small is refused", sigaltstack(&stack, NULL) == -1);
    (void)value;
    return failures != 0;
}
