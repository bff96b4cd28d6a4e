// Handlers: installing, masks, siginfo, nesting, resetting, ignoring, restoring registers.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}

static volatile int g_count, g_signal, g_code, g_pid, g_depth, g_deepest;
static volatile long g_value;

static void plain(int signal) {
    g_signal = signal;
    g_count++;
}

static void with_info(int signal, siginfo_t* info, void* context) {
    g_signal = signal;
    g_code = info->si_code;
    g_pid = info->si_pid;
    g_value = (long)info->si_value.sival_ptr;
    g_count += context != NULL;
}

static void nested(int signal) {
    g_depth++;
    if (g_depth > g_deepest)
        g_deepest = g_depth;
    if (g_depth < 3)
        raise(signal);
    g_depth--;
}

static volatile int g_blocked_inside;
static void look_at_mask(int signal) {
    sigset_t mask;
    (void)signal;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    g_blocked_inside = sigismember(&mask, SIGUSR1) * 4 + sigismember(&mask, SIGUSR2) * 2 +
                       sigismember(&mask, SIGTERM);
}

static void install(int signal, void (*handler)(int), int flags) {
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigemptyset(&action.sa_mask);
    sigaction(signal, &action, NULL);
}

static void test_delivery(void) {
    struct sigaction action, old;
    install(SIGUSR1, plain, 0);
    check("raise", raise(SIGUSR1) == 0 && g_count == 1 && g_signal == SIGUSR1);
    kill(getpid(), SIGUSR1);
    check("kill to the own process", g_count == 2);

    memset(&action, 0, sizeof(action));
    action.sa_sigaction = with_info;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGUSR2, &action, &old);
    check("the old action was the default", old.sa_handler == SIG_DFL);
    kill(getpid(), SIGUSR2);
    check("siginfo of kill", g_signal == SIGUSR2 && g_code == SI_USER && g_pid == getpid());
    syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR2);
    check("siginfo of tgkill", g_code == SI_TKILL);
    union sigval value = {.sival_ptr = (void*)0x1234567890};
    sigqueue(getpid(), SIGUSR2, value);
    check("siginfo of sigqueue", g_code == SI_QUEUE && g_value == 0x1234567890);
    sigaction(SIGUSR2, NULL, &old);
    check("the action can be read", old.sa_sigaction == with_info && (old.sa_flags & SA_SIGINFO));
}

static void test_masks(void) {
    sigset_t set, old, pending;
    g_count = 0;
    install(SIGUSR1, plain, 0);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &old);
    raise(SIGUSR1);
    raise(SIGUSR1);
    sigpending(&pending);
    check("blocked signals wait", g_count == 0 && sigismember(&pending, SIGUSR1));
    sigprocmask(SIG_SETMASK, &old, NULL);
    check("a standard signal is pending once", g_count == 1);

    sigfillset(&set);
    sigprocmask(SIG_SETMASK, &set, NULL);
    sigprocmask(SIG_BLOCK, NULL, &set);
    check("SIGKILL and SIGSTOP cannot be blocked",
          !sigismember(&set, SIGKILL) && !sigismember(&set, SIGSTOP) && sigismember(&set, SIGHUP));
    sigprocmask(SIG_SETMASK, &old, NULL);

    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = look_at_mask;
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGUSR2);
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    check("a handler's mask", g_blocked_inside == 6);
    action.sa_flags = SA_NODEFER;
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    check("SA_NODEFER", g_blocked_inside == 2);
    sigprocmask(SIG_BLOCK, NULL, &set);
    check("the mask comes back", !sigismember(&set, SIGUSR1) && !sigismember(&set, SIGUSR2));
}

static void test_flags(void) {
    struct sigaction now;
    install(SIGUSR1, nested, SA_NODEFER);
    raise(SIGUSR1);
    check("nested handlers", g_deepest == 3 && g_depth == 0);

    install(SIGUSR1, plain, SA_RESETHAND);
    raise(SIGUSR1);
    sigaction(SIGUSR1, NULL, &now);
    check("SA_RESETHAND", now.sa_handler == SIG_DFL);

    install(SIGUSR1, SIG_IGN, 0);
    check("an ignored signal", raise(SIGUSR1) == 0);
    check("SIGCHLD, SIGURG, SIGWINCH, SIGCONT are ignored by default",
          raise(SIGCHLD) == 0 && raise(SIGURG) == 0 && raise(SIGWINCH) == 0 && raise(SIGCONT) == 0);

    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = plain;
    check("SIGKILL cannot be caught", sigaction(SIGKILL, &action, NULL) == -1 && errno == EINVAL);
    check("no such signal", kill(getpid(), 65) == -1 && errno == EINVAL);
    check("signal 0 asks for existence", kill(getpid(), 0) == 0);
    check("no such process", kill(12345678, 0) == -1 && errno == ESRCH);
    check("no such thread", syscall(SYS_tgkill, getpid(), 12345678, 0) == -1 && errno == ESRCH);
}

static void change_result(int signal, siginfo_t* info, void* context) {
    ucontext_t* user = context;
    (void)signal;
    (void)info;
    user->uc_mcontext.gregs[REG_RBX] += 1;
}

// Registers, flags and the red zone are as before the handler, but for what it changes on purpose.
static void test_registers(void) {
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_sigaction = change_result;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGUSR1, &action, NULL);
    unsigned long rbx = 41, r12 = 12, red = 0, result = SYS_tgkill;
    const long pid = getpid(), tid = syscall(SYS_gettid);
    __asm__ volatile("movq $77, -64(%%rsp)\n\t"
                     "movq %[r12], %%r12\n\t"
                     "syscall\n\t"
                     "movq %%r12, %[r12]\n\t"
                     "movq -64(%%rsp), %[red]"
                     : "+b"(rbx), [r12] "+r"(r12), [red] "=r"(red), "+a"(result)
                     : "D"(pid), "S"(tid), "d"((long)SIGUSR1)
                     : "rcx", "r11", "r12", "memory");
    check("the call returns its result", result == 0);
    check("a handler may change registers", rbx == 42);
    check("other registers are kept", r12 == 12);
    check("the red zone is left alone", red == 77);
}

int main(void) {
    test_delivery();
    test_masks();
    test_flags();
    test_registers();
    return failures != 0;
}
