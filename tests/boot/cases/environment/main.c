#include <stdio.h>
#include <stdlib.h>

int main(void) {
    printf("%s %s %s\n", getenv("COLOUR"), getenv("SHAPE"), getenv("SIZE"));
    return 0;
}
