/* Ends by a signal that nobody handles, while another is blocked and a third ignored. */
#include <signal.h>
#include <unistd.h>

int main(void) {
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    signal(SIGHUP, SIG_IGN);
    kill(getpid(), SIGINT);
    kill(getpid(), SIGHUP);
    kill(getpid(), SIGTERM);
    return 1;
}
