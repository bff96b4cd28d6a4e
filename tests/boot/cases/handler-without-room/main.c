/* A handler whose stack has gone: the program ends and is told why. */
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

static void never(int signal) {
    (void)signal;
    _exit(1);
}

int main(void) {
    /* Unmapped meanwhile, so that no frame can be written there. */
    char *stack = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const stack_t description = {.ss_sp = stack, .ss_size = 65536};
    const struct sigaction action = {.sa_handler = never, .sa_flags = SA_ONSTACK};
    sigaltstack(&description, NULL);
    sigaction(SIGUSR1, &action, NULL);
    munmap(stack, 65536);
    raise(SIGUSR1);
    return 0;
}
