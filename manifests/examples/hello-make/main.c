/* Greets everybody on the command line. */
#include "greeting.h"

int main(int argc, char** argv) {
    int failed = 0;
    for (int i = 1; i < argc; i++)
        failed |= greet(argv[i]);
    return failed;
}
