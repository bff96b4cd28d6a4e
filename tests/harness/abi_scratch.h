// Comes into each ABI case: in the guest, whose root cannot be written, the case works in a folder
// in memory. The host has none of this name and has put the program into an empty folder already.
#pragma once

#include <unistd.h>

__attribute__((constructor)) static void enter_scratch_folder(void) {
    if (chdir("/abi-scratch") != 0)
        return;
}
