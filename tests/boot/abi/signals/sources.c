// What siginfo tells for each kind of source.
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "../check.h"

static siginfo_t g_info;
static volatile int g_count;
static sigjmp_buf g_back;
static long g_trap, g_error;

static void note(int signal, siginfo_t* info, void* context) {
    (void)signal;
    (void)context;
    g_info = *info;
    g_count++;
}

static void note_and_leave(int signal, siginfo_t* info, void* context) {
    const ucontext_t* user = context;
    (void)signal;
    g_info = *info;
    g_trap = user->uc_mcontext.gregs[REG_TRAPNO];
    g_error = user->uc_mcontext.gregs[REG_ERR];
    siglongjmp(g_back, 1);
}

static void install(int signal, void (*handler)(int, siginfo_t*, void*)) {
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO;
    sigaction(signal, &action, NULL);
}

static void show_sender(const char* name) {
    printf("ok %s: signal %d, code %d, error %d, own %d, user %d\n", name, g_info.si_signo,
           g_info.si_code, g_info.si_errno, g_info.si_pid == getpid(), (int)g_info.si_uid);
}

static void wait_for_one(void) {
    while (g_count == 0)
        usleep(1000);
}

static void test_sent(void) {
    install(SIGUSR1, note);
    kill(getpid(), SIGUSR1);
    show_sender("kill");
    raise(SIGUSR1);
    show_sender("raise");
    syscall(SYS_tkill, syscall(SYS_gettid), SIGUSR1);
    show_sender("tkill");
    sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 77});
    show_sender("sigqueue");
    printf("ok value %d\n", g_info.si_value.sival_int);
    install(SIGPIPE, note);
    int ends[2];
    pipe(ends);
    close(ends[0]);
    show("write to a closed pipe", write(ends[1], "x", 1));
    show_sender("SIGPIPE");
}

static void test_queued_by_hand(void) {
    siginfo_t info;
    memset(&info, 0, sizeof(info));
    info.si_signo = SIGUSR1;
    info.si_code = SI_MESGQ;
    info.si_pid = 99;
    info.si_uid = 7;
    info.si_value.sival_int = 5;
    show("rt_sigqueueinfo", syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, &info));
    printf("ok code %d pid %d uid %d value %d\n", g_info.si_code, g_info.si_pid, g_info.si_uid,
           g_info.si_value.sival_int);
    const long self = syscall(SYS_gettid);
    show("rt_tgsigqueueinfo", syscall(SYS_rt_tgsigqueueinfo, getpid(), self, SIGUSR1, &info));
    show("no signal", syscall(SYS_rt_sigqueueinfo, getpid(), 0, &info));
    show("a bad signal", syscall(SYS_rt_sigqueueinfo, getpid(), 65, &info));
    show("a bad thread", syscall(SYS_rt_tgsigqueueinfo, getpid(), 0, SIGUSR1, &info));
    show("a missing thread", syscall(SYS_rt_tgsigqueueinfo, getpid(), 99999999, SIGUSR1, &info));
    show("a bad pointer", syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, 8));
}

static void test_timers(void) {
    install(SIGALRM, note);
    g_count = 0;
    struct itimerval once = {{0, 0}, {0, 10000}};
    setitimer(ITIMER_REAL, &once, NULL);
    wait_for_one();
    printf("ok setitimer: code %d, pid %d, uid %d\n", g_info.si_code, g_info.si_pid, g_info.si_uid);

    timer_t timer;
    struct sigevent event;
    memset(&event, 0, sizeof(event));
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGALRM;
    event.sigev_value.sival_ptr = (void*)0x123456789a;
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    g_count = 0;
    const struct itimerspec spec = {{0, 0}, {0, 1000000}};
    timer_settime(timer, 0, &spec, NULL);
    wait_for_one();
    printf("ok timer: code %d, value %lx, overrun %d\n", g_info.si_code,
           (unsigned long)g_info.si_value.sival_ptr, g_info.si_overrun);
    timer_delete(timer);
}

static void show_fault(const char* name, const void* expected) {
    printf("ok %s: signal %d, code %d, address %s, trap %ld, error %ld\n", name, g_info.si_signo,
           g_info.si_code,
           g_info.si_addr == expected ? "as expected"
           : g_info.si_addr == NULL   ? "none"
                                      : "other",
           g_trap, g_error);
}

static void test_faults(void) {
    const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    for (unsigned i = 0; i < sizeof(signals) / sizeof(*signals); i++)
        install(signals[i], note_and_leave);
    char* page = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(page + 4096, 4096);
    if (sigsetjmp(g_back, 1) == 0)
        *(volatile char*)(page + 4096 + 24);
    show_fault("read of nothing", page + 4096 + 24);
    if (sigsetjmp(g_back, 1) == 0)
        *(volatile char*)(page + 40) = 1;
    show_fault("write to read-only memory", page + 40);
    if (sigsetjmp(g_back, 1) == 0)
        ((void (*)(void))page)();
    printf("ok jump into data: signal %d, code %d\n", g_info.si_signo, g_info.si_code);
    if (sigsetjmp(g_back, 1) == 0)
        *(volatile char*)0x8000000000000000;
    show_fault("no such address", NULL);
    if (sigsetjmp(g_back, 1) == 0)
        __asm__ volatile("ud2");
    printf("ok ud2: signal %d, code %d, trap %ld\n", g_info.si_signo, g_info.si_code, g_trap);
    if (sigsetjmp(g_back, 1) == 0)
        __asm__ volatile("int3");
    printf("ok int3: signal %d, code %d, trap %ld\n", g_info.si_signo, g_info.si_code, g_trap);
    if (sigsetjmp(g_back, 1) == 0)
        __asm__ volatile("xorl %%edx, %%edx; xorl %%ecx, %%ecx; movl $1, %%eax; idivl %%ecx"
                         :
                         :
                         : "rax", "rcx", "rdx");
    printf("ok integer division: signal %d, code %d\n", g_info.si_signo, g_info.si_code);
    // Exceptions of SSE are left out: QEMU does not raise them.
    if (sigsetjmp(g_back, 1) == 0) {
        const unsigned short control = 0x37b;
        __asm__ volatile("fnclex; fldcw %0; fldz; fld1; fdiv %%st(1), %%st; fwait"
                         :
                         : "m"(control));
    }
    printf("ok x87 division: signal %d, code %d\n", g_info.si_signo, g_info.si_code);
    __asm__ volatile("fninit");
    if (sigsetjmp(g_back, 1) == 0)
        __asm__ volatile("pushfq; orl $0x100, (%%rsp); popfq; nop; nop" : : : "memory", "cc");
    printf("ok single step: signal %d, code %d\n", g_info.si_signo, g_info.si_code);
}

int main(void) {
    test_sent();
    test_queued_by_hand();
    test_timers();
    test_faults();
    return failures != 0;
}
