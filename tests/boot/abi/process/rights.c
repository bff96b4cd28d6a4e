// Addresses differ where they should, and rights are as they should.
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}

struct area {
    unsigned long start, end;
    char rights[8];
};

static int find(unsigned long address, struct area* out) {
    char line[512];
    FILE* maps = fopen("/proc/self/maps", "r");
    int found = 0;
    while (!found && maps != NULL && fgets(line, sizeof(line), maps) != NULL)
        found = sscanf(line, "%lx-%lx %7s", &out->start, &out->end, out->rights) == 3 &&
                address >= out->start && address < out->end;
    if (maps != NULL)
        fclose(maps);
    return found;
}

static int writable_and_executable(void) {
    char line[512], rights[8];
    FILE* maps = fopen("/proc/self/maps", "r");
    int count = 0;
    while (maps != NULL && fgets(line, sizeof(line), maps) != NULL)
        if (sscanf(line, "%*x-%*x %7s", rights) == 1)
            count += strchr(rights, 'w') != NULL && strchr(rights, 'x') != NULL;
    if (maps != NULL)
        fclose(maps);
    return count;
}

static const int k_constant = 5;
static int g_variable = 6;

int main(void) {
    struct area area;
    int local = 7;
    check("code can be executed, not written",
          find((uintptr_t)&main, &area) && area.rights[2] == 'x' && area.rights[1] != 'w');
    check("constants cannot be written",
          find((uintptr_t)&k_constant, &area) && area.rights[1] != 'w');
    check("variables can, and not be executed",
          find((uintptr_t)&g_variable, &area) && strncmp(area.rights, "rw-", 3) == 0);
    check("nor can the stack",
          find((uintptr_t)&local, &area) && strncmp(area.rights, "rw-", 3) == 0);
    check("the stack is high up", (uintptr_t)&local > 0x7f0000000000UL);
    check("nothing is writable and executable", writable_and_executable() == 0);
    return failures != 0;
}
