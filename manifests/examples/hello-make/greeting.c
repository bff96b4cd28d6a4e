#include "greeting.h"

#include <stdio.h>

int greet(const char* whom) {
    return printf("hello, %s\n", whom) < 0;
}
