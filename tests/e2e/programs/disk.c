// Does to disks what its arguments say and prints what came of it, one line each:
//   list                              the disks in /dev, in the order of the directory
//   info PATH                         sizes, rights and kind
//   sum PATH OFFSET LENGTH CHUNK      what pread gives: bytes, a checksum, how it ended
//   write PATH OFFSET LENGTH SEED     what pwrite takes of a pattern
//   fill PATH                         writes at the position till the end
//   flush PATH                        fsync
//   open PATH FLAGS                   r, w or rw
//   seek PATH OFFSET WHENCE
//   threads PATH COUNT LENGTH         as many threads, each reads its own part; a checksum each
//   wait-for-error PATH OFFSET        says "reading", then reads until the disk fails
//   port NUMBER VALUE                 32 bits to a port: programs run in ring 0
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#ifndef BLKPBSZGET // musl's sys/mount.h has the others
#define BLKPBSZGET _IO(0x12, 123)
#endif

static uint64_t number(const char* text) {
    return strtoull(text, NULL, 0);
}

// Adler's sums over 64 bits: easily computed by the host too.
struct sum {
    uint64_t a, b;
};
static void add(struct sum* sum, const unsigned char* bytes, size_t size) {
    for (size_t i = 0; i < size; ++i) {
        sum->a += bytes[i];
        sum->b += sum->a;
    }
}

static int open_disk(const char* path, int flags) {
    int disk = open(path, flags);
    if (disk < 0)
        printf("open %s: %s\n", path, strerror(errno));
    return disk;
}

static void list(char** words) {
    (void)words;
    DIR* directory = opendir("/dev");
    printf("disks:");
    for (struct dirent* entry; (entry = readdir(directory)) != NULL;)
        if (entry->d_type == DT_BLK)
            printf(" %s", entry->d_name);
    printf("\n");
    closedir(directory);
}

static void info(char** words) {
    int disk = open_disk(words[0], O_RDONLY);
    if (disk < 0)
        return;
    uint64_t bytes = 0;
    unsigned long units = 0;
    int logical = 0, read_only = 0;
    unsigned physical = 0;
    struct stat status;
    ioctl(disk, BLKGETSIZE64, &bytes);
    ioctl(disk, BLKGETSIZE, &units);
    ioctl(disk, BLKSSZGET, &logical);
    ioctl(disk, BLKPBSZGET, &physical);
    ioctl(disk, BLKROGET, &read_only);
    fstat(disk, &status);
    printf("info %s: %llu bytes, %lu units, sectors %d/%u, read-only %d, end %lld, block %d, "
           "size %lld, major %u minor %u, terminal %d, flush %d\n",
           words[0], (unsigned long long)bytes, units, logical, physical, read_only,
           (long long)lseek(disk, 0, SEEK_END), S_ISBLK(status.st_mode) != 0,
           (long long)status.st_size, major(status.st_rdev), minor(status.st_rdev), isatty(disk),
           ioctl(disk, BLKFLSBUF, 0));
    close(disk);
}

static void sum(char** words) {
    int disk = open_disk(words[0], O_RDONLY);
    if (disk < 0)
        return;
    uint64_t offset = number(words[1]), left = number(words[2]), done = 0;
    size_t chunk = number(words[3]);
    unsigned char* buffer = malloc(chunk);
    struct sum total = {1, 0};
    ssize_t got = 0;
    while (left > 0 &&
           (got = pread(disk, buffer, chunk < left ? chunk : left, (off_t)(offset + done))) > 0) {
        add(&total, buffer, (size_t)got);
        done += (uint64_t)got;
        left -= (uint64_t)got;
    }
    printf("sum %s %s: %llu bytes, %llx %llx, %s\n", words[0], words[1], (unsigned long long)done,
           (unsigned long long)total.a, (unsigned long long)total.b,
           got < 0    ? strerror(errno)
           : left > 0 ? "end"
                      : "ok");
    free(buffer);
    close(disk);
}

static void write_pattern(char** words) {
    int disk = open_disk(words[0], O_RDWR);
    if (disk < 0)
        return;
    size_t size = number(words[2]);
    unsigned char* buffer = malloc(size);
    for (size_t i = 0; i < size; ++i)
        buffer[i] = (unsigned char)(i * 7 + number(words[3]));
    ssize_t put = pwrite(disk, buffer, size, (off_t)number(words[1]));
    printf("write %s %s: %zd %s\n", words[0], words[1], put, put < 0 ? strerror(errno) : "ok");
    free(buffer);
    close(disk);
}

static void fill(char** words) {
    int disk = open_disk(words[0], O_WRONLY);
    if (disk < 0)
        return;
    static unsigned char buffer[100000];
    memset(buffer, 0x5a, sizeof buffer);
    long long total = 0;
    ssize_t put;
    while ((put = write(disk, buffer, sizeof buffer)) > 0)
        total += put;
    printf("fill %s: %lld, %s\n", words[0], total, put < 0 ? strerror(errno) : "nothing");
    close(disk);
}

static void flush(char** words) {
    int disk = open_disk(words[0], O_RDWR);
    if (disk < 0)
        return;
    printf("flush %s: %s\n", words[0], fsync(disk) < 0 ? strerror(errno) : "ok");
    close(disk);
}

static void try_open(char** words) {
    int flags = strcmp(words[1], "r") == 0 ? O_RDONLY : *words[1] == 'w' ? O_WRONLY : O_RDWR;
    int disk = open_disk(words[0], flags);
    if (disk >= 0)
        printf("open %s: ok\n", words[0]);
    close(disk);
}

static void seek(char** words) {
    int disk = open_disk(words[0], O_RDONLY);
    if (disk < 0)
        return;
    off_t at = lseek(disk, (off_t)strtoll(words[1], NULL, 0), atoi(words[2]));
    printf("seek %s: %lld %s\n", words[0], (long long)at, at < 0 ? strerror(errno) : "ok");
    close(disk);
}

struct part {
    int disk;
    off_t offset;
    size_t size;
    struct sum sum;
    ssize_t got;
};

static void* read_part(void* argument) {
    struct part* part = argument;
    unsigned char* buffer = malloc(part->size);
    part->got = pread(part->disk, buffer, part->size, part->offset);
    if (part->got > 0)
        add(&part->sum, buffer, (size_t)part->got);
    free(buffer);
    return NULL;
}

static void threads(char** words) {
    int disk = open_disk(words[0], O_RDONLY);
    if (disk < 0)
        return;
    enum { most = 64 };
    pthread_t thread[most];
    struct part part[most];
    unsigned count = (unsigned)number(words[1]);
    for (unsigned i = 0; i < count && i < most; ++i) {
        size_t size = number(words[2]);
        part[i] = (struct part){disk, (off_t)(i * size), size, {1, 0}, 0};
        pthread_create(&thread[i], NULL, read_part, &part[i]);
    }
    for (unsigned i = 0; i < count && i < most; ++i) {
        pthread_join(thread[i], NULL);
        printf("part %u: %zd bytes, %llx %llx\n", i, part[i].got, (unsigned long long)part[i].sum.a,
               (unsigned long long)part[i].sum.b);
    }
    close(disk);
}

static void wait_for_error(char** words) {
    int disk = open_disk(words[0], O_RDONLY);
    if (disk < 0)
        return;
    unsigned char buffer[512];
    printf("reading\n");
    fflush(stdout);
    while (pread(disk, buffer, sizeof buffer, (off_t)number(words[1])) >= 0)
        ioctl(disk, BLKFLSBUF, 0);
    printf("read %s: %s\n", words[0], strerror(errno));
    close(disk);
}

static void port(char** words) {
    unsigned short port = (unsigned short)number(words[0]);
    __asm__ volatile("outl %0, %1" : : "a"((uint32_t)number(words[1])), "Nd"(port));
    printf("port %s: %s\n", words[0], words[1]);
}

static const struct command {
    const char* name;
    int words;
    void (*run)(char** words);
} commands[] = {
    {"list", 0, list},
    {"info", 1, info},
    {"sum", 4, sum},
    {"fill", 1, fill},
    {"write", 4, write_pattern},
    {"flush", 1, flush},
    {"open", 2, try_open},
    {"seek", 3, seek},
    {"threads", 3, threads},
    {"wait-for-error", 2, wait_for_error},
    {"port", 2, port},
};

int main(int count, char** words) {
    for (int i = 1; i < count;) {
        const struct command* command = commands;
        const struct command* end = commands + sizeof commands / sizeof *commands;
        while (command != end && strcmp(command->name, words[i]) != 0)
            ++command;
        if (command == end || i + command->words >= count) {
            printf("what is %s?\n", words[i]);
            return 2;
        }
        command->run(words + i + 1);
        fflush(stdout);
        i += 1 + command->words;
    }
    return 0;
}
