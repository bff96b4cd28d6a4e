#include <stdio.h>

int main(void) {
    return fopen("/data", "r") == NULL;
}
