// Directories: making, reading, moving, removing, walking.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}
static void fails(const char* name, long result, int error) {
    check(name, result == -1 && errno == error);
}
static void enter_scratch(void) {
    char folder[] = "/tmp/abi-XXXXXX";
    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        check("scratch folder", 0);
}

static void touch(const char* path) {
    const int fd = open(path, O_WRONLY | O_CREAT, 0600);
    write(fd, path, strlen(path));
    close(fd);
}

static int exists(const char* path) {
    struct stat status;
    return lstat(path, &status) == 0;
}

static int entries(const char* path) {
    DIR* directory = opendir(path);
    if (directory == NULL)
        return -1;
    int count = 0;
    while (readdir(directory) != NULL)
        ++count;
    closedir(directory);
    return count;
}

enum { k_no_replace = 1, k_exchange = 2 }; // of renameat2

static int links(const char* path) {
    struct stat status;
    return stat(path, &status) == 0 ? (int)status.st_nlink : -1;
}

static void test_make_and_remove(void) {
    check("mkdir", mkdir("a", 0755) == 0);
    fails("mkdir again", mkdir("a", 0755), EEXIST);
    fails("mkdir below nothing", mkdir("missing/b", 0755), ENOENT);
    check("mkdir with a slash behind", mkdir("a/b/", 0700) == 0);
    check("links of a directory", links("a") == 3 && links("a/b") == 2);
    fails("rmdir what is not empty", rmdir("a"), ENOTEMPTY);
    fails("rmdir of a dot", rmdir("a/b/."), EINVAL);
    fails("rmdir of two dots", rmdir("a/b/.."), ENOTEMPTY);
    fails("rmdir of the root by dots", rmdir("/.."), ENOTEMPTY);
    fails("rmdir of the root", rmdir("/"), EBUSY);
    touch("a/file");
    fails("rmdir of a file", rmdir("a/file"), ENOTDIR);
    fails("unlink of a directory", unlink("a/b"), EISDIR);
    fails("a file as a directory", mkdir("a/file/c", 0700), ENOTDIR);
    check("unlink", unlink("a/file") == 0);
    fails("unlink again", unlink("a/file"), ENOENT);
    check("rmdir", rmdir("a/b") == 0 && rmdir("a") == 0);
    fails("rmdir again", rmdir("a"), ENOENT);
    fails("a name that is too long",
          mkdir("0123456789012345678901234567890123456789"
                "0123456789012345678901234567890123456789"
                "0123456789012345678901234567890123456789"
                "0123456789012345678901234567890123456789"
                "0123456789012345678901234567890123456789"
                "0123456789012345678901234567890123456789"
                "0123456789012345",
                0700),
          ENAMETOOLONG);
}

static void test_rename(void) {
    touch("one");
    touch("two");
    check("rename over a file", rename("one", "two") == 0 && !exists("one") && exists("two"));
    fails("rename of nothing", rename("one", "three"), ENOENT);
    check("rename to itself", rename("two", "two") == 0 && exists("two"));
    mkdir("dir", 0755);
    mkdir("dir/sub", 0755);
    fails("a file over a directory", rename("two", "dir"), EISDIR);
    fails("a directory over a file", rename("dir", "two"), ENOTDIR);
    fails("a directory into itself", rename("dir", "dir/sub/dir"), EINVAL);
    fails("a file to a name with a slash", rename("two", "new/"), ENOTDIR);
    check("a file into a directory", rename("two", "dir/two") == 0 && exists("dir/two"));
    mkdir("empty", 0755);
    mkdir("other", 0755);
    check("a directory over an empty one", rename("other", "empty") == 0 && !exists("other"));
    fails("a directory over a full one", rename("empty", "dir"), ENOTEMPTY);
    check("a directory elsewhere", rename("empty", "dir/sub/moved") == 0 && links("dir/sub") == 3);
    fails("not over what exists",
          syscall(SYS_renameat2, AT_FDCWD, "dir/two", AT_FDCWD, "dir/sub", k_no_replace), EEXIST);
    check("exchange",
          syscall(SYS_renameat2, AT_FDCWD, "dir/two", AT_FDCWD, "dir/sub", k_exchange) == 0);
    struct stat status;
    check("and so they did", stat("dir/sub", &status) == 0 && S_ISREG(status.st_mode));
    check("clean up", unlink("dir/sub") == 0 && rmdir("dir/two/moved") == 0 &&
                          rmdir("dir/two") == 0 && rmdir("dir") == 0);
}

static void test_reading(void) {
    mkdir("many", 0755);
    char name[32];
    for (int i = 0; i < 500; ++i) {
        snprintf(name, sizeof(name), "many/file%03d", i);
        touch(name);
    }
    check("500 entries and two dots", entries("many") == 502);
    DIR* directory = opendir("many");
    int seen = 0, removed = 0;
    for (struct dirent* entry; (entry = readdir(directory)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        ++seen;
        if (entry->d_type == DT_REG && unlinkat(dirfd(directory), entry->d_name, 0) == 0)
            ++removed;
    }
    check("removed while being read", seen == 500 && removed == 500);
    rewinddir(directory);
    int left = 0;
    while (readdir(directory) != NULL)
        ++left;
    check("nothing left but the dots", left == 2);
    closedir(directory);
    check("rmdir of what was full", rmdir("many") == 0);
    fails("read a file as a directory", entries("/proc/self/comm"), ENOTDIR);
}

static void test_working_directory(void) {
    char before[256], now[256];
    getcwd(before, sizeof(before));
    mkdir("work", 0755);
    check("chdir", chdir("work") == 0 && getcwd(now, sizeof(now)) != NULL);
    check("getcwd",
          strncmp(now, before, strlen(before)) == 0 && strcmp(now + strlen(before), "/work") == 0);
    fails("getcwd into little room", getcwd(now, 2) == NULL ? -1 : 0, ERANGE);
    check("two dots", chdir("..") == 0 && getcwd(now, sizeof(now)) && strcmp(now, before) == 0);
    check("above the root is the root",
          chdir("/../..") == 0 && getcwd(now, sizeof(now)) && strcmp(now, "/") == 0);
    chdir(before);
    const int fd = open("work", O_RDONLY | O_DIRECTORY);
    check("openat", openat(fd, "inner", O_CREAT | O_WRONLY, 0600) >= 0 && exists("work/inner"));
    check("mkdirat", mkdirat(fd, "sub", 0755) == 0 && exists("work/sub"));
    check("fchdir", fchdir(fd) == 0 && exists("inner") && chdir(before) == 0);
    check("renameat", renameat(fd, "inner", AT_FDCWD, "outer") == 0 && exists("outer"));
    check("unlinkat", unlinkat(fd, "sub", AT_REMOVEDIR) == 0);
    fails("at a file", openat(open("outer", O_RDONLY), "x", O_RDONLY), ENOTDIR);
    fails("at no descriptor", openat(77, "x", O_RDONLY), EBADF);
    check("remove the directory", rmdir("work") == 0);
    fails("nothing can be made in it", openat(fd, "x", O_CREAT | O_WRONLY, 0600), ENOENT);
    fails("chdir to a file", chdir("outer"), ENOTDIR);
    unlink("outer");
    close(fd);
}

// A name that is made or goes is the link itself, whatever stands behind it.
static void test_slashes_behind_links(void) {
    mkdir("real", 0755);
    touch("file");
    symlink("real", "link");
    symlink("nowhere", "dangling");
    fails("mkdir on a link", mkdir("link/", 0755), EEXIST);
    fails("mkdir on a dangling link", mkdir("dangling/", 0755), EEXIST);
    check("makes nothing", !exists("nowhere"));
    fails("mkdir on a file", mkdir("file/", 0755), EEXIST);
    check("mkdir behind a link", mkdir("link/inner/", 0755) == 0 && exists("real/inner"));
    fails("rmdir of a link", rmdir("link/inner/../../link/"), ENOTDIR);
    fails("rmdir of a file", rmdir("file/"), ENOTDIR);
    fails("rmdir of a dangling link", rmdir("dangling/"), ENOTDIR);
    fails("unlink of a link", unlink("link/"), ENOTDIR);
    fails("unlink of a dangling link", unlink("dangling/"), ENOTDIR);
    fails("unlink of a file", unlink("file/"), ENOTDIR);
    fails("unlink of nothing", unlink("nothing/"), ENOENT);
    fails("symlink on a link", symlink("x", "dangling/"), EEXIST);
    fails("symlink on nothing", symlink("x", "nothing/"), ENOENT);
    fails("mknod on a file", mknod("file/", S_IFREG | 0600, 0), EEXIST);
    fails("link to a link's name", link("file", "link/"), EEXIST);
    fails("rename of a link", rename("link/", "moved"), ENOTDIR);
    fails("rename of a file", rename("file/", "moved"), ENOTDIR);
    fails("rename of a directory to a link", rename("real/inner", "link/"), ENOTDIR);
    fails("rename of a file to a link", rename("file", "link/"), ENOTDIR);
    check("rename of a directory", rename("real/inner/", "moved/") == 0 && rmdir("moved/") == 0);
    check("all is there", exists("link") && exists("dangling") && exists("file"));
    check("unlink the links", unlink("link") == 0 && unlink("dangling") == 0);
    check("rmdir the rest", unlink("file") == 0 && rmdir("real/") == 0);
}

int main(void) {
    enter_scratch();
    test_make_and_remove();
    test_rename();
    test_slashes_behind_links();
    test_reading();
    test_working_directory();
    return failures != 0;
}
