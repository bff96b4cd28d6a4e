// What the tests of the Linux ABI share. Values are printed, so that host and guest are compared.
#pragma once

#include <errno.h>
#include <stdio.h>

static int failures;

static inline void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}

// What a call gave: its value, or its error.
static inline void show(const char* name, long result) {
    if (result == -1)
        printf("ok %s: error %d\n", name, errno);
    else
        printf("ok %s: %ld\n", name, result);
}
