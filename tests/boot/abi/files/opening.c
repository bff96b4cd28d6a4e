// The rules of opening: openat2, handles on names, files without a name, file names at their limits.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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
    if (result >= 0)
        close((int)result);
}

struct how {
    unsigned long long flags, mode, resolve, more;
};
enum { no_xdev = 1, no_magic = 2, no_links = 4, beneath = 8, in_root = 16, cached = 32 };

static int openat2(int directory, const char* path, unsigned long long flags,
                   unsigned long long resolve) {
    struct how how = {.flags = flags, .resolve = resolve};
    return (int)syscall(SYS_openat2, directory, path, &how, 24);
}

static void opens(const char* name, int fd) {
    check(name, fd >= 0);
    close(fd);
}

static char here[PATH_MAX];

static void test_resolution(void) {
    mkdir("dir", 0755);
    mkdir("dir/sub", 0755);
    close(open("dir/file", O_RDWR | O_CREAT, 0600));
    symlink("file", "dir/link");
    symlink("../outside", "dir/up");
    symlink("/file", "dir/absolute");
    symlink("/etc", "dir/elsewhere");
    close(open("outside", O_RDWR | O_CREAT, 0600));
    const int dir = open("dir", O_RDONLY | O_DIRECTORY);
    opens("plain", openat2(dir, "file", O_RDONLY, 0));
    opens("a link", openat2(dir, "link", O_RDONLY, 0));
    fails("no links", openat2(dir, "link", O_RDONLY, no_links), ELOOP);
    opens("but no-follow", openat2(dir, "link", O_PATH | O_NOFOLLOW, no_links));
    opens("beneath", openat2(dir, "sub/../link", O_RDONLY, beneath));
    fails("beneath, upwards", openat2(dir, "../outside", O_RDONLY, beneath), EXDEV);
    fails("beneath, a link upwards", openat2(dir, "up", O_RDONLY, beneath), EXDEV);
    fails("beneath, absolute", openat2(dir, here, O_RDONLY, beneath), EXDEV);
    fails("beneath, an absolute link", openat2(dir, "absolute", O_RDONLY, beneath), EXDEV);
    fails("beneath, nothing there", openat2(dir, "sub/missing", O_RDONLY, beneath), ENOENT);
    opens("in root", openat2(dir, "/file", O_RDONLY, in_root));
    opens("in root, upwards", openat2(dir, "../../file", O_RDONLY, in_root));
    opens("in root, an absolute link", openat2(dir, "absolute", O_RDONLY, in_root));
    fails("in root, a link elsewhere", openat2(dir, "elsewhere", O_RDONLY, in_root), ENOENT);
    fails("both", openat2(dir, "file", O_RDONLY, beneath | in_root), EINVAL);
    fails("no magic links", openat2(dir, "/proc/self/fd/0", O_RDONLY, no_magic), ELOOP);
    fails("another mount", openat2(AT_FDCWD, "/proc/self/maps", O_RDONLY, no_xdev), EXDEV);
    opens("the same mount", openat2(dir, "sub/../file", O_RDONLY, no_xdev));
    fails("cached, but made", openat2(dir, "new", O_CREAT | O_RDWR, cached), EAGAIN);
    fails("unknown rules", openat2(dir, "file", O_RDONLY, 1 << 10), EINVAL);
    fails("unknown flags", openat2(dir, "file", 1ULL << 40, 0), EINVAL);
    struct how how = {.flags = O_RDONLY, .mode = 0600};
    fails("a mode for nothing", syscall(SYS_openat2, dir, "file", &how, 24), EINVAL);
    how.mode = 0;
    fails("too small", syscall(SYS_openat2, dir, "file", &how, 16), EINVAL);
    opens("larger, but zero", (int)syscall(SYS_openat2, dir, "file", &how, 32));
    how.more = 1;
    fails("larger, unknown", syscall(SYS_openat2, dir, "file", &how, 32), E2BIG);
    close(dir);
}

static void test_handles(void) {
    const int fd = open("dir/file", O_PATH);
    struct stat status;
    char byte = 0;
    check("status of a handle", fstat(fd, &status) == 0 && S_ISREG(status.st_mode));
    fails("reading", read(fd, &byte, 1), EBADF);
    fails("writing", write(fd, &byte, 1), EBADF);
    fails("seeking", lseek(fd, 0, SEEK_SET), EBADF);
    fails("changing the mode", syscall(SYS_fchmod, fd, 0600), EBADF);
    fails("changing the owner", syscall(SYS_fchown, fd, 0, 0), EBADF);
    fails("cutting", ftruncate(fd, 0), EBADF);
    fails("synchronising", fsync(fd), EBADF);
    fails("setting flags", fcntl(fd, F_SETFL, O_NONBLOCK), EBADF);
    check("flags", (fcntl(fd, F_GETFL) & O_PATH) != 0);
    const int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    check("a copy", copy >= 0 && fcntl(copy, F_GETFD) == FD_CLOEXEC);
    close(copy);
    close(fd);
    const int dir = open("dir", O_PATH | O_DIRECTORY);
    opens("a handle on a directory", openat(dir, "file", O_RDONLY));
    check("to be entered", fchdir(dir) == 0 && chdir("..") == 0);
    fails("not to be listed", syscall(SYS_getdents64, dir, &byte, 1), EBADF);
    close(dir);
    const int link = open("dir/link", O_PATH | O_NOFOLLOW);
    char text[16];
    check("a handle on a link", fstat(link, &status) == 0 && S_ISLNK(status.st_mode));
    check("its text", readlinkat(link, "", text, sizeof(text)) == 4 && !memcmp(text, "file", 4));
    close(link);
    fails("no directory", open("dir/file", O_RDONLY | O_DIRECTORY), ENOTDIR);
    fails("no directory, by handle", open("dir/file", O_PATH | O_DIRECTORY), ENOTDIR);
    fails("writing a directory", open("dir", O_RDWR), EISDIR);
    fails("making a directory", open("dir", O_RDONLY | O_CREAT, 0600), EISDIR);
    fails("emptying a directory", open("dir", O_RDONLY | O_TRUNC), EISDIR);
    fails("making a path that ends in a slash", open("new/", O_RDWR | O_CREAT, 0600), EISDIR);
}

static void test_temporary(void) {
    char path[64];
    int fd = open(".", O_TMPFILE | O_RDWR, 0600);
    struct stat status;
    check("a file without a name", fstat(fd, &status) == 0 && status.st_nlink == 0);
    write(fd, "text", 4);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    check("given a name", linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW) == 0);
    check("which holds its bytes", stat("named", &status) == 0 && status.st_size == 4);
    check("taken away", unlink("named") == 0);
    fails("not given a name twice", linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW),
          ENOENT);
    close(fd);
    fd = open(".", O_TMPFILE | O_RDWR, 0600);
    check("by the descriptor itself", linkat(fd, "", AT_FDCWD, "named", AT_EMPTY_PATH) == 0);
    close(fd);
    fd = open(".", O_TMPFILE | O_RDWR | O_EXCL, 0600);
    fails("never to have a name", linkat(fd, "", AT_FDCWD, "never", AT_EMPTY_PATH), ENOENT);
    close(fd);
    fails("only to be read", open(".", O_TMPFILE | O_RDONLY, 0600), EINVAL);
    fails("in a file", open("named", O_TMPFILE | O_RDWR, 0600), ENOTDIR);
    fd = open("named", O_RDWR);
    unlink("named");
    fails("a removed file is not linked again", linkat(fd, "", AT_FDCWD, "again", AT_EMPTY_PATH),
          ENOENT);
    char text[PATH_MAX], expected[PATH_MAX + 32];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    const ssize_t size = readlink(path, text, sizeof(text));
    snprintf(expected, sizeof(expected), "%s/named (deleted)", here);
    check("a removed file's path",
          size == (ssize_t)strlen(expected) && memcmp(text, expected, (size_t)size) == 0);
    close(fd);
}

static void test_removed_directories(void) {
    char text[PATH_MAX];
    mkdir("gone", 0755);
    mkdir("gone/deeper", 0755);
    chdir("gone/deeper");
    rename("../../gone", "../../moved");
    check("moved along", getcwd(text, sizeof(text)) != NULL && strstr(text, "/moved/deeper"));
    rmdir("../deeper");
    check("nowhere", getcwd(text, sizeof(text)) == NULL && errno == ENOENT);
    fails("nothing is made there", open("x", O_RDWR | O_CREAT, 0600), ENOENT);
    fails("nor below", mkdir("x", 0755), ENOENT);
    struct stat status;
    check("still there", stat(".", &status) == 0 && status.st_nlink == 0);
    check("the way up", chdir("..") == 0 && getcwd(text, sizeof(text)) && strstr(text, "/moved"));
    chdir("..");
    rmdir("moved");
}

static void test_limits_of_names(void) {
    char name[PATH_MAX + 16];
    memset(name, 'n', sizeof(name));
    name[255] = '\0';
    const int fd = open(name, O_RDWR | O_CREAT, 0600);
    check("255 bytes", fd >= 0 && unlink(name) == 0);
    close(fd);
    name[255] = 'n';
    name[256] = '\0';
    fails("256 bytes", open(name, O_RDWR | O_CREAT, 0600), ENAMETOOLONG);
    for (size_t i = 0; i < sizeof(name) - 1; i += 2)
        memcpy(name + i, "./", 2);
    name[4095] = '\0';
    opens("a path of 4095 bytes", open(name, O_RDONLY));
    name[4095] = '/';
    name[4096] = '\0';
    fails("of 4096", open(name, O_RDONLY), ENAMETOOLONG);
    fails("no name", open("", O_RDONLY), ENOENT);
    for (int i = 0; i < 41; ++i) {
        char from[16], to[16];
        snprintf(from, sizeof(from), "l%d", i);
        snprintf(to, sizeof(to), "l%d", i + 1);
        symlink(to, from);
    }
    close(open("l41", O_RDWR | O_CREAT, 0600));
    opens("40 links", open("l1", O_RDONLY));
    fails("41 links", open("l0", O_RDONLY), ELOOP);
}

int main(void) {
    char folder[] = "/tmp/abi-XXXXXX";
    if (mkdtemp(folder) == NULL || chdir(folder) != 0 || getcwd(here, sizeof(here)) == NULL)
        check("scratch folder", 0);
    test_resolution();
    test_handles();
    test_temporary();
    test_removed_directories();
    test_limits_of_names();
    return failures != 0;
}
