// The kernel's functions beside the host's own.
#define memcpy tested_memcpy
#define memmove tested_memmove
#define memset tested_memset
#define memcmp tested_memcmp
#define strlen tested_strlen
#include "foundation/x86_64/memory_functions.S"
