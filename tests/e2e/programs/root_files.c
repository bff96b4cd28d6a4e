// Asks a root file system that cannot be written whatever fits: "changes FOLDER" tries to change
// it, "maps FILE" maps a file in every way, "fills FOLDER" writes until there is no room, "lists
// FOLDER" counts names, "walks FOLDER" tells of everything in it, and of what cannot be read.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/time.h>
#include <unistd.h>

static void say(const char* what, long result) {
    printf("%s: %s\n", what, result < 0 ? strerrorname_np(errno) : "done");
}

static void opens(const char* path, const char* name, int flags) {
    char what[100];
    snprintf(what, sizeof what, "open %s %s", path, name);
    const int file = open(path, flags, 0644);
    say(what, file);
    if (file >= 0)
        close(file);
}

// What there is: file, folder/inner, empty/, link -> file, dangling -> new.
static void changes(const char* folder) {
    if (chdir(folder) != 0)
        exit(1);
    const struct {
        const char* name;
        int flags;
    } modes[] = {{"rdonly", O_RDONLY},
                 {"wronly", O_WRONLY},
                 {"rdwr", O_RDWR},
                 {"append", O_WRONLY | O_APPEND},
                 {"creat", O_RDONLY | O_CREAT},
                 {"creat-wronly", O_WRONLY | O_CREAT},
                 {"excl", O_RDWR | O_CREAT | O_EXCL},
                 {"trunc", O_RDONLY | O_TRUNC},
                 {"directory", O_RDONLY | O_DIRECTORY},
                 {"tmpfile", O_RDWR | O_TMPFILE},
                 {"path", O_PATH}};
    const char* const paths[] = {"file",     "folder",       "link",       "dangling",
                                 "absent",   "absent/inner", "file/inner", "folder/new",
                                 "folder/.", "folder/inner"};
    for (unsigned i = 0; i < sizeof paths / sizeof *paths; ++i)
        for (unsigned j = 0; j < sizeof modes / sizeof *modes; ++j)
            opens(paths[i], modes[j].name, modes[j].flags);
    for (unsigned i = 0; i < sizeof paths / sizeof *paths; ++i) {
        const char* path = paths[i];
        struct timeval times[2] = {{1, 0}, {2, 0}};
        printf("%s\n", path);
        say(" mkdir", mkdir(path, 0755));
        say(" rmdir", rmdir(path));
        say(" unlink", unlink(path));
        say(" mknod", mknod(path, S_IFREG | 0644, 0));
        say(" symlink", symlink("x", path));
        say(" link to", link("file", path));
        say(" link from", link(path, "fresh"));
        say(" rename to", rename("file", path));
        say(" rename from", rename(path, "fresh"));
        say(" truncate", truncate(path, 0));
        say(" chmod", chmod(path, 0600));
        say(" chown", lchown(path, 0, 0));
        say(" utimes", utimes(path, times));
        say(" access r", access(path, R_OK));
        say(" access w", access(path, W_OK));
    }
    say("unlink .", unlink("."));
    say("rmdir .", rmdir("."));
    say("rmdir ..", rmdir(".."));
    say("rmdir /", rmdir("/"));
    say("mkdir /", mkdir("/", 0755));
    say("rename .", rename(".", "x"));
    const int file = open("file", O_RDONLY);
    say("fchmod", fchmod(file, 0600));
    say("fchown", fchown(file, 0, 0));
    say("futimens", futimens(file, NULL));
    say("ftruncate", ftruncate(file, 0));
    say("write", write(file, "x", 1));
    say("rename away", rename("file", "/tmp/away"));
}

static unsigned sum(const volatile unsigned char* bytes, long size) {
    unsigned total = 0;
    for (long i = 0; i < size; ++i)
        total = total * 31 + bytes[i];
    return total;
}

static void maps(const char* path) {
    const int file = open(path, O_RDONLY);
    struct stat status;
    fstat(file, &status);
    const long size = status.st_size;
    unsigned char* copy = malloc((size_t)size);
    printf("read %d\n", pread(file, copy, (size_t)size, 0) == size);
    unsigned char* shared = mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, file, 0);
    unsigned char* private_one =
        mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    unsigned char* private_two = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, file, 0);
    printf("shared %d\n", memcmp(shared, copy, (size_t)size) == 0);
    printf("private %d\n", sum(private_one, size) == sum(copy, size));
    for (long at = 0; at < size; at += 4096)
        private_one[at] ^= 0xff;
    printf("written %d\n", private_one[0] == (copy[0] ^ 0xff));
    printf("others unchanged %d %d\n", memcmp(shared, copy, (size_t)size) == 0,
           memcmp(private_two, copy, (size_t)size) == 0);
    const long rest = (4096 - size % 4096) % 4096;
    int zero = 1;
    for (long i = 0; i < rest; ++i)
        zero = zero && shared[size + i] == 0;
    printf("behind the end %d\n", zero);
    say("shared writable",
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) == MAP_FAILED ? -1 : 0);
    say("made writable", mprotect(shared, 4096, PROT_READ | PROT_WRITE));
    unsigned char* at_offset = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, file, 8192);
    printf("offset %d\n", memcmp(at_offset, copy + 8192, 8192) == 0);
}

static void fills(const char* folder) {
    char path[200];
    char block[65536] = {1};
    snprintf(path, sizeof path, "%s/file", folder);
    struct statfs room;
    statfs(folder, &room);
    printf("blocks %ld of %ld\n", (long)room.f_blocks, (long)room.f_bsize);
    const int file = open(path, O_RDWR | O_CREAT, 0600);
    long size = 0, put;
    while ((put = write(file, block, sizeof block)) > 0)
        size += put;
    printf("wrote %ld, then %s\n", size, strerrorname_np(errno));
    statfs(folder, &room);
    printf("left %ld\n", (long)room.f_bavail);
    say("unlink", unlink(path));
    close(file);
    statfs(folder, &room);
    printf("left %ld\n", (long)room.f_bavail);
}

static void lists(const char* path) {
    DIR* folder = opendir(path);
    long count = 0, sum_of_names = 0;
    for (struct dirent* entry; (entry = readdir(folder)) != NULL; ++count)
        for (const char* c = entry->d_name; *c != 0; ++c)
            sum_of_names += *c;
    printf("%ld names, %ld\n", count, sum_of_names);
    closedir(folder);
}

static void walk_file(const char* path) {
    static unsigned char bytes[65536];
    const int file = open(path, O_RDONLY);
    long size = 0, got = file;
    unsigned total = 0;
    while (got >= 0 && (got = read(file, bytes, sizeof bytes)) > 0) {
        total = total * 31 + sum(bytes, got);
        size += got;
    }
    printf("%s: %ld %u %s\n", path, size, total, got < 0 ? strerrorname_np(errno) : "read");
    close(file);
}

static void walks(const char* path) {
    struct stat status;
    if (lstat(path, &status) != 0) {
        printf("%s: %s\n", path, strerrorname_np(errno));
        return;
    }
    if (S_ISREG(status.st_mode))
        walk_file(path);
    if (S_ISLNK(status.st_mode)) {
        char target[4096];
        const long size = readlink(path, target, sizeof target);
        printf("%s: %s %.*s\n", path, size < 0 ? strerrorname_np(errno) : "to", (int)size, target);
    }
    if (!S_ISDIR(status.st_mode))
        return;
    struct dirent** entries;
    const int count = scandir(path, &entries, NULL, alphasort);
    printf("%s: %d\n", path, count);
    for (int i = 0; i < count; ++i) {
        const char* name = entries[i]->d_name;
        char inner[8192];
        snprintf(inner, sizeof inner, "%s/%s", path, name);
        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strlen(inner) < 4000)
            walks(inner);
        free(entries[i]);
    }
}

int main(int count, char** words) {
    const struct {
        const char* name;
        void (*run)(const char*);
    } actions[] = {
        {"changes", changes}, {"maps", maps}, {"fills", fills}, {"lists", lists}, {"walks", walks}};
    for (int i = 1; i + 1 < count; i += 2)
        for (unsigned j = 0; j < sizeof actions / sizeof *actions; ++j)
            if (strcmp(words[i], actions[j].name) == 0)
                actions[j].run(words[i + 1]);
    return 0;
}
