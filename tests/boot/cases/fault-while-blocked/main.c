/* A fault cannot wait: although the signal is blocked and has a handler, the program ends. */
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static void never(int signal) {
    (void)signal;
    _exit(1);
}

int main(void) {
    sigset_t set;
    signal(SIGSEGV, never);
    sigemptyset(&set);
    sigaddset(&set, SIGSEGV);
    sigprocmask(SIG_BLOCK, &set, NULL);
    *(volatile int *)8 = 1;
    return 0;
}
