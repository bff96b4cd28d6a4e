// What /proc and /sys tell: by properties, since the contents differ from machine to machine.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}

static char text[1 << 20];

// The file's size, its bytes in text with a NUL behind; -1 when it cannot be read.
static long load(const char* path) {
    const int fd = open(path, O_RDONLY);
    long size = 0;
    for (ssize_t got; fd >= 0 && (got = read(fd, text + size, 4000)) > 0;)
        size += got;
    text[size] = '\0';
    close(fd);
    return fd >= 0 ? size : -1;
}

static int has(const char* path, const char* wanted) {
    return load(path) > 0 && strstr(text, wanted) != NULL;
}

static void test_process(char** argv) {
    check("cmdline", load("/proc/self/cmdline") > 0 && strcmp(text, argv[0]) == 0);
    int id = 0;
    check("stat", load("/proc/self/stat") > 0 && sscanf(text, "%d (", &id) == 1 && id == getpid());
    int fields = 0;
    for (const char* at = strrchr(text, ')'); *at != '\0'; ++at)
        fields += *at == ' ';
    check("stat has 52 fields", fields == 50);
    char line[64];
    snprintf(line, sizeof(line), "\nPid:\t%d\n", getpid());
    check("status", has("/proc/self/status", line) && strstr(text, "\nThreads:\t1\n") &&
                        strstr(text, "\nVmRSS:\t") && strstr(text, "Name:\t") == text);
    check("statm", load("/proc/self/statm") > 0 && atol(text) > 0);
    unsigned long pair[2], size = 0;
    const int auxv = open("/proc/self/auxv", O_RDONLY);
    while (read(auxv, pair, sizeof(pair)) == sizeof(pair) && pair[0] != AT_NULL)
        if (pair[0] == AT_PAGESZ)
            size = pair[1];
    check("auxv", size == getauxval(AT_PAGESZ));
    check("limits", has("/proc/self/limits", "Max open files"));
    check("environ", load("/proc/self/environ") >= 0);
    check("cgroup", load("/proc/self/cgroup") > 0);
    check("mounts", has("/proc/self/mounts", " / ") && has("/proc/mounts", " /proc "));
    check("mountinfo", has("/proc/self/mountinfo", " - "));
    check("oom_score_adj", load("/proc/self/oom_score_adj") > 0);
    char here[256], there[256];
    getcwd(here, sizeof(here));
    const ssize_t length = readlink("/proc/self/cwd", there, sizeof(there));
    check("cwd", length == (ssize_t)strlen(here) && memcmp(here, there, (size_t)length) == 0);
    check("exe", readlink("/proc/self/exe", there, sizeof(there)) > 1 && there[0] == '/');
    const int comm = open("/proc/self/comm", O_WRONLY);
    check("a new name", write(comm, "renamed", 7) == 7 && load("/proc/self/comm") == 8 &&
                            strcmp(text, "renamed\n") == 0);
}

// Whether the address lies in an area with these permissions.
static int mapped(const void* address, const char* permissions) {
    load("/proc/self/maps");
    for (char* line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        unsigned long start, end;
        char allowed[8];
        if (sscanf(line, "%lx-%lx %7s", &start, &end, allowed) == 3 &&
            (unsigned long)address >= start && (unsigned long)address < end)
            return strcmp(allowed, permissions) == 0;
    }
    return 0;
}

static int written;
static const int constant = 1;

static void test_maps(void) {
    int local = 0;
    check("code", mapped((const void*)(unsigned long)&test_maps, "r-xp"));
    check("constants", mapped(&constant, "r--p"));
    check("data", mapped(&written, "rw-p"));
    check("stack", mapped(&local, "rw-p") && has("/proc/self/maps", "[stack]"));
    check("no memory is writable and runs", !has("/proc/self/maps", " rwx"));
}

static void test_threads(void) {
    char path[64], line[64];
    const long id = syscall(SYS_gettid);
    snprintf(path, sizeof(path), "/proc/self/task/%ld/status", id);
    snprintf(line, sizeof(line), "\nPid:\t%ld\n", id);
    check("a thread's status", has(path, line));
    DIR* directory = opendir("/proc/self/task");
    int count = 0;
    while (readdir(directory) != NULL)
        ++count;
    closedir(directory);
    check("one thread and two dots", count == 3);
    struct stat status;
    check("no such thread", stat("/proc/self/task/99999999", &status) == -1 && errno == ENOENT);
    snprintf(path, sizeof(path), "/proc/%d/stat", getpid());
    check("by number", stat(path, &status) == 0 && S_ISREG(status.st_mode));
}

// The text is one number from `least` on.
static int counts(const char* path, long least) {
    char* end = text;
    const long value = load(path) > 0 ? strtol(text, &end, 10) : -1;
    return end != text && value >= least;
}

static void test_descriptors(void) {
    const int fd = open("described", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    lseek(fd, 1234, SEEK_SET);
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
    unsigned long position = 0, flags = 0, inode = 0;
    check("fdinfo", load(path) > 0 && sscanf(text, "pos: %lu flags: %lo", &position, &flags) == 2 &&
                        position == 1234 && (flags & O_CLOEXEC) != 0);
    struct stat status;
    const char* line = strstr(text, "\nino:\t");
    check("its inode", line != NULL && sscanf(line, " ino: %lu", &inode) == 1 &&
                           fstat(fd, &status) == 0 && status.st_ino == inode);
    close(fd);
    check("a closed one", load(path) == -1);
    check("listed", load("/proc/self/fdinfo/1") > 0);
}

static void test_settings(void) {
    check("somaxconn", counts("/proc/sys/net/core/somaxconn", 128));
    check("ports", has("/proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n"));
    check("keep-alive", counts("/proc/sys/net/ipv4/tcp_keepalive_time", 1));
    check("nr_open", counts("/proc/sys/fs/nr_open", 1048576));
    check("pipe-max-size", counts("/proc/sys/fs/pipe-max-size", 1048576));
    check("overcommit_memory", counts("/proc/sys/vm/overcommit_memory", 0));
    check("max_map_count", counts("/proc/sys/vm/max_map_count", 65530));
    check("mmap_min_addr", counts("/proc/sys/vm/mmap_min_addr", 4096));
    check("cap_last_cap", counts("/proc/sys/kernel/cap_last_cap", 37));
    check("entropy", counts("/proc/sys/kernel/random/entropy_avail", 200));
    check("osrelease", has("/proc/sys/kernel/osrelease", ".") && text[0] >= '5');
    check("core_pattern", load("/proc/sys/kernel/core_pattern") > 0);
    check("randomize_va_space", counts("/proc/sys/kernel/randomize_va_space", 1));
}

static void test_sysfs(void) {
    check("possible", load("/sys/devices/system/cpu/possible") > 0 && text[0] == '0');
    check("topology", load("/sys/devices/system/cpu/cpu0/topology/core_id") > 0);
    check("huge pages' size", has("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "2097152"));
    check("defrag", has("/sys/kernel/mm/transparent_hugepage/defrag", "["));
    struct stat status;
    check("no control group", stat("/sys/fs/cgroup", &status) == 0 && S_ISDIR(status.st_mode));
    check("clocks", load("/sys/devices/system/clocksource/clocksource0/current_clocksource") > 0);
}

static void test_limits(void) {
    load("/proc/self/limits");
    unsigned long soft = 0, hard = 0;
    const char* line = strstr(text, "Max open files");
    check("open files", line != NULL && sscanf(line + 14, "%lu %lu", &soft, &hard) == 2 &&
                            soft >= 1024 && hard >= soft);
    check("address space", strstr(text, "Max address space         unlimited") != NULL);
    check("smaps_rollup", has("/proc/self/smaps_rollup", "[rollup]\nRss:  ") &&
                              strstr(text, "\nPrivate_Dirty:  ") != NULL);
    check("io", has("/proc/self/io", "rchar: "));
    check("uid_map", load("/proc/self/uid_map") > 0);
    check("swaps", has("/proc/swaps", "Filename"));
}

static void test_machine(void) {
    unsigned long total = 0, available = 0;
    load("/proc/meminfo");
    const char* line = strstr(text, "MemAvailable:");
    check("meminfo", sscanf(text, "MemTotal: %lu kB", &total) == 1 && line != NULL &&
                         sscanf(line, "MemAvailable: %lu kB", &available) == 1 && available > 0 &&
                         available <= total);
    check("cpuinfo", has("/proc/cpuinfo", "processor\t: 0\n") && strstr(text, " sse2 "));
    check("stat", has("/proc/stat", "cpu0 ") && strstr(text, "\nbtime "));
    double up = 0, idle = 0;
    check("uptime", load("/proc/uptime") > 0 && sscanf(text, "%lf %lf", &up, &idle) == 2 && up > 0);
    check("loadavg", load("/proc/loadavg") > 0);
    check("version", has("/proc/version", "Linux version "));
    check("filesystems", has("/proc/filesystems", "nodev\ttmpfs\n"));
    check("ostype", load("/proc/sys/kernel/ostype") > 0 && strcmp(text, "Linux\n") == 0);
    check("pid_max", load("/proc/sys/kernel/pid_max") > 0 && atol(text) > 100);
    check("somaxconn", load("/proc/sys/net/core/somaxconn") > 0 && atol(text) >= 128);
    char first[64];
    load("/proc/sys/kernel/random/uuid");
    memcpy(first, text, 37);
    check("uuid", load("/proc/sys/kernel/random/uuid") == 37 && text[14] == '4' &&
                      memcmp(first, text, 37) != 0);
    load("/proc/sys/kernel/random/boot_id");
    memcpy(first, text, 37);
    check("boot_id", load("/proc/sys/kernel/random/boot_id") == 37 && !memcmp(first, text, 37));
    check("cpus", load("/sys/devices/system/cpu/online") > 0 && text[0] == '0');
    check("huge pages", has("/sys/kernel/mm/transparent_hugepage/enabled", "["));
    struct stat status;
    check("self", lstat("/proc/self", &status) == 0 && S_ISLNK(status.st_mode));
    check("nothing is made here", mkdir("/proc/new", 0700) == -1);
}

int main(int argc, char** argv) {
    (void)argc;
    test_process(argv);
    test_maps();
    test_threads();
    test_machine();
    test_descriptors();
    test_settings();
    test_sysfs();
    test_limits();
    return failures != 0;
}
