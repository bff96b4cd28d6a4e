// Symbolic and hard links, attributes, access, times.
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
}
static void enter_scratch(void) {
    char folder[] = "/tmp/abi-XXXXXX";
    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        check("scratch folder", 0);
}

static struct stat status;

static void touch(const char* path, const char* text) {
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    write(fd, text, strlen(text));
    close(fd);
}

static void test_symbolic_links(void) {
    char text[64];
    touch("target", "hello");
    check("symlink", symlink("target", "link") == 0);
    fails("symlink again", symlink("target", "link"), EEXIST);
    fails("symlink to nothing at all", symlink("", "empty"), ENOENT);
    check("readlink", readlink("link", text, sizeof(text)) == 6 && memcmp(text, "target", 6) == 0);
    check("readlink cuts off", readlink("link", text, 3) == 3);
    fails("readlink of a file", readlink("target", text, sizeof(text)), EINVAL);
    check("stat follows", stat("link", &status) == 0 && S_ISREG(status.st_mode));
    check("lstat does not",
          lstat("link", &status) == 0 && S_ISLNK(status.st_mode) && status.st_size == 6);
    const int fd = open("link", O_RDONLY);
    check("open follows", read(fd, text, 10) == 5);
    close(fd);
    fails("open without following", open("link", O_RDONLY | O_NOFOLLOW), ELOOP);
    check("dangling", symlink("nowhere", "dangling") == 0);
    fails("open a dangling link", open("dangling", O_RDONLY), ENOENT);
    fails("create it exclusively", open("dangling", O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST);
    close(open("dangling", O_RDWR | O_CREAT, 0600));
    check("create through it", stat("nowhere", &status) == 0);
    symlink("loop-b", "loop-a");
    symlink("loop-a", "loop-b");
    fails("a loop", open("loop-a", O_RDONLY), ELOOP);
    mkdir("dir", 0755);
    symlink("dir", "dirlink");
    touch("dirlink/inside", "x");
    check("through a link to a directory", stat("dir/inside", &status) == 0);
    symlink("../target", "dir/up");
    check("a link upwards", stat("dirlink/up", &status) == 0 && status.st_size == 5);
    check("a slash behind follows", lstat("dirlink/", &status) == 0 && S_ISDIR(status.st_mode));
    fails("a slash behind a file", lstat("target/", &status), ENOTDIR);
    fails("a slash behind a link to a file", stat("link/", &status), ENOTDIR);
    check("unlink removes the link", unlink("dirlink") == 0 && stat("dir", &status) == 0);
    check("rename moves the link",
          rename("link", "moved") == 0 && lstat("moved", &status) == 0 && S_ISLNK(status.st_mode));
}

static void test_hard_links(void) {
    check("link", link("target", "second") == 0);
    check("two links", stat("target", &status) == 0 && status.st_nlink == 2);
    const ino_t inode = status.st_ino;
    check("one inode", stat("second", &status) == 0 && status.st_ino == inode);
    fails("link to an existing name", link("target", "second"), EEXIST);
    fails("link to a directory", link("dir", "dir2"), EPERM);
    fails("link of nothing", link("missing", "x"), ENOENT);
    check("rename onto itself does nothing",
          rename("target", "second") == 0 && stat("target", &status) == 0);
    unlink("target");
    check("one link", stat("second", &status) == 0 && status.st_nlink == 1 && status.st_size == 5);
    check("link of a link",
          link("moved", "moved2") == 0 && lstat("moved2", &status) == 0 && S_ISLNK(status.st_mode));
}

static void test_attributes(void) {
    check("chmod", chmod("second", 0751) == 0 && stat("second", &status) == 0 &&
                       (status.st_mode & 07777) == 0751);
    const int fd = open("second", O_RDWR);
    check("fchmod",
          fchmod(fd, 0600) == 0 && fstat(fd, &status) == 0 && (status.st_mode & 07777) == 0600);
    check("chown to oneself", chown("second", getuid(), getgid()) == 0);
    check("access", access("second", R_OK | W_OK) == 0 && access("dir", X_OK) == 0);
    fails("access to nothing", access("missing", F_OK), ENOENT);
    fails("access to run it", access("second", X_OK), EACCES);
    const struct timespec times[2] = {{1000, 5}, {2000, 7}};
    check("futimens", futimens(fd, times) == 0 && fstat(fd, &status) == 0 &&
                          status.st_mtim.tv_sec == 2000 && status.st_mtim.tv_nsec == 7 &&
                          status.st_atim.tv_sec == 1000);
    const struct timespec omit[2] = {{0, UTIME_OMIT}, {3000, 0}};
    check("utimensat leaves one", utimensat(AT_FDCWD, "second", omit, 0) == 0 &&
                                      fstat(fd, &status) == 0 && status.st_atim.tv_sec == 1000 &&
                                      status.st_mtim.tv_sec == 3000);
    write(fd, "x", 1);
    check("writing sets the time", fstat(fd, &status) == 0 && status.st_mtim.tv_sec > 1000000);
    close(fd);
    // struct statx: the mode at 28, the size at 40.
    unsigned char extended[256];
    unsigned short mode = 0;
    unsigned long size = 0;
    const int asked = (int)syscall(SYS_statx, AT_FDCWD, "second", 0, 0x7ff, extended);
    memcpy(&mode, extended + 28, sizeof(mode));
    memcpy(&size, extended + 40, sizeof(size));
    check("statx", asked == 0 && size == 5 && S_ISREG(mode));
    check("umask", umask(077) == 022 && umask(022) == 077);
    char resolved[PATH_MAX], here[PATH_MAX];
    getcwd(here, sizeof(here));

    check("realpath of a link", realpath("moved", resolved) == NULL && errno == ENOENT);
    check("realpath of a directory", realpath("./dir/.//", resolved) != NULL &&
                                         strncmp(resolved, here, strlen(here)) == 0 &&
                                         strcmp(resolved + strlen(here), "/dir") == 0);
}

int main(void) {
    umask(022);
    enter_scratch();
    test_symbolic_links();
    test_hard_links();
    test_attributes();
    return failures != 0;
}
