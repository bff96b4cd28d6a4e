// dup, fcntl, close_range, locks, ioctl, and what /proc/self/fd tells.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
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

static void test_duplicates(void) {
    const int fd = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    check("the lowest free number", fd == 3);
    const int copy = dup(fd);
    check("dup", copy == 4);
    write(fd, "abc", 3);
    check("a shared position", lseek(copy, 0, SEEK_CUR) == 3);
    check("the flag is not shared", fcntl(fd, F_GETFD) == FD_CLOEXEC && fcntl(copy, F_GETFD) == 0);
    check("dup2", dup2(fd, 10) == 10 && lseek(10, 0, SEEK_CUR) == 3);
    check("dup2 onto itself", dup2(fd, fd) == fd);
    fails("dup2 of nothing", dup2(77, 78), EBADF);
    fails("dup2 onto itself, closed", dup2(77, 77), EBADF);
    fails("dup3 onto itself", dup3(fd, fd, 0), EINVAL);
    check("dup3", dup3(fd, 11, O_CLOEXEC) == 11 && fcntl(11, F_GETFD) == FD_CLOEXEC);
    check("F_DUPFD", fcntl(fd, F_DUPFD, 10) == 12);
    check("F_DUPFD_CLOEXEC", fcntl(fd, F_DUPFD_CLOEXEC, 0) == 5 && fcntl(5, F_GETFD) == FD_CLOEXEC);
    check("F_SETFD", fcntl(5, F_SETFD, 0) == 0 && fcntl(5, F_GETFD) == 0);
    close(4);
    check("a gap is filled", dup(fd) == 4);
    check("close_range", syscall(SYS_close_range, 4, 12, 0) == 0 && fcntl(10, F_GETFD) == -1 &&
                             fcntl(fd, F_GETFD) == FD_CLOEXEC);
    fails("close_range backwards", syscall(SYS_close_range, 12, 4, 0), EINVAL);
    close(fd);
}

static void test_status_flags(void) {
    const int fd = open("file", O_RDWR | O_APPEND);
    const int flags = fcntl(fd, F_GETFL);
    check("F_GETFL", (flags & O_ACCMODE) == O_RDWR && (flags & O_APPEND) != 0);
    check("F_SETFL", fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    const int changed = fcntl(fd, F_GETFL);
    check("changed", (changed & O_NONBLOCK) != 0 && (changed & O_APPEND) == 0 &&
                         (changed & O_ACCMODE) == O_RDWR);
    int off = 0;
    check("FIONBIO", ioctl(fd, FIONBIO, &off) == 0 && (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0);
    check("FIOCLEX", ioctl(fd, FIOCLEX) == 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
    int readable = -1;
    check("FIONREAD", ioctl(fd, FIONREAD, &readable) == 0 && readable == 3);
    fails("an unknown command", fcntl(fd, 9999), EINVAL);
    fails("a terminal's request", ioctl(fd, TIOCGWINSZ, &readable), ENOTTY);
    check("isatty", isatty(fd) == 0);
    close(fd);
}

static void test_locks(void) {
    const int fd = open("file", O_RDWR), other = open("file", O_RDWR);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    check("F_SETLK", fcntl(fd, F_SETLK, &lock) == 0);
    check("F_SETLKW by the same process", fcntl(other, F_SETLKW, &lock) == 0);
    check("F_GETLK", fcntl(other, F_GETLK, &lock) == 0 && lock.l_type == F_UNLCK);
    lock.l_type = 77;
    fails("a bad kind of lock", fcntl(fd, F_SETLK, &lock), EINVAL);
    check("flock", flock(fd, LOCK_EX) == 0);
    fails("by another open file", flock(other, LOCK_SH | LOCK_NB), EWOULDBLOCK);
    check("converted", flock(fd, LOCK_SH) == 0 && flock(other, LOCK_SH | LOCK_NB) == 0);
    fails("shared keeps exclusive out", flock(other, LOCK_EX | LOCK_NB), EWOULDBLOCK);
    check("closing releases", close(fd) == 0 && flock(other, LOCK_EX | LOCK_NB) == 0);
    check("unlocked", flock(other, LOCK_UN) == 0);
    fails("a bad operation", flock(other, 77), EINVAL);
    close(other);
}

static void test_paths_of_descriptors(void) {
    char here[256], path[64], text[300], expected[300];
    getcwd(here, sizeof(here));
    const int fd = open("file", O_RDONLY);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    snprintf(expected, sizeof(expected), "%s/file", here);
    ssize_t size = readlink(path, text, sizeof(text));
    check("the path of a descriptor",
          size == (ssize_t)strlen(expected) && memcmp(text, expected, (size_t)size) == 0);
    rename("file", "renamed");
    snprintf(expected, sizeof(expected), "%s/renamed", here);
    size = readlink(path, text, sizeof(text));
    check("after a rename",
          size == (ssize_t)strlen(expected) && memcmp(text, expected, (size_t)size) == 0);
    const int again = open(path, O_RDONLY);
    check("opened again", again >= 0 && read(again, text, 3) == 3 && lseek(fd, 0, SEEK_CUR) == 0);
    struct stat one, two;
    check("the same file", fstat(fd, &one) == 0 && stat(path, &two) == 0 &&
                               one.st_ino == two.st_ino && one.st_dev == two.st_dev);
    close(again);
    close(fd);
    fails("a closed one", readlink(path, text, sizeof(text)), ENOENT);
    const int handle = open("renamed", O_PATH);
    fails("a path handle is not read", read(handle, text, 1), EBADF);
    check("but asked", fstat(handle, &one) == 0 && S_ISREG(one.st_mode));
    close(handle);
}

static void test_devices(void) {
    char bytes[64];
    const int null = open("/dev/null", O_RDWR), zero = open("/dev/zero", O_RDWR);
    check("/dev/null", write(null, "abc", 3) == 3 && read(null, bytes, 3) == 0);
    memset(bytes, 1, sizeof(bytes));
    check("/dev/zero", read(zero, bytes, 64) == 64 && bytes[0] == 0 && bytes[63] == 0);
    fails("/dev/full", write(open("/dev/full", O_WRONLY), "x", 1), ENOSPC);
    struct stat status;
    check("a character device",
          fstat(null, &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == 0x103);
    char first[16], second[16];
    const int random = open("/dev/urandom", O_RDONLY);
    check("/dev/urandom", read(random, first, 16) == 16 && read(random, second, 16) == 16 &&
                              memcmp(first, second, 16) != 0);
    check("/dev/fd", stat("/dev/fd/0", &status) == 0 && stat("/dev/stdin", &status) == 0);
}

int main(void) {
    enter_scratch();
    test_duplicates();
    test_status_flags();
    test_locks();
    test_paths_of_descriptors();
    test_devices();
    return failures != 0;
}
