/* Writes to a pipe that nobody reads. */
#include <stdio.h>
#include <unistd.h>

int main(void) {
    int ends[2];
    if (pipe(ends) != 0 || close(ends[0]) != 0)
        return 1;
    write(ends[1], "x", 1);
    return 2;
}
