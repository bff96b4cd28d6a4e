/* A call that no component provides: ENOSYS, and one line that names it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
    for (int i = 0; i < 2; i++)
        if (syscall(SYS_acct, NULL) < 0)
            printf("acct: %s\n", strerror(errno));
    return 0;
}
