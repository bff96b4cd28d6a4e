#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void) {
    if (fork() < 0) {
        printf("fork: %s\n", strerror(errno));
        return 7;
    }
    return 0;
}
