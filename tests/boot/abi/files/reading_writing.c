// open, read, write, seek, append, truncate, vectors, sparse files.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
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

static char buffer[65536];

static int reads_as(int fd, const char* text) {
    const ssize_t got = pread(fd, buffer, sizeof(buffer), 0);
    return got == (ssize_t)strlen(text) && memcmp(buffer, text, (size_t)got) == 0;
}

static long size_of(int fd) {
    struct stat status;
    return fstat(fd, &status) == 0 ? (long)status.st_size : -1;
}

static void test_open(void) {
    fails("open a missing file", open("missing", O_RDONLY), ENOENT);
    const int fd = open("file", O_RDWR | O_CREAT | O_EXCL, 0640);
    check("create", fd == 3);
    fails("create exclusively again", open("file", O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST);
    check("write", write(fd, "hello, world", 12) == 12);
    check("position", lseek(fd, 0, SEEK_CUR) == 12);
    check("read at the end", read(fd, buffer, 10) == 0);
    check("seek back", lseek(fd, -5, SEEK_END) == 7);
    check("read", read(fd, buffer, 100) == 5 && memcmp(buffer, "world", 5) == 0);
    fails("seek before the beginning", lseek(fd, -1, SEEK_SET), EINVAL);
    fails("seek by a bad whence", lseek(fd, 0, 77), EINVAL);
    struct stat status;
    check("mode after umask", fstat(fd, &status) == 0 && (status.st_mode & 0777) == 0640 &&
                                  S_ISREG(status.st_mode) && status.st_nlink == 1);
    const int reader = open("file", O_RDONLY);
    fails("write to a reader", write(reader, "x", 1), EBADF);
    const int writer = open("file", O_WRONLY | O_TRUNC);
    check("open truncates", size_of(fd) == 0);
    fails("read from a writer", read(writer, buffer, 1), EBADF);
    fails("write to a bad descriptor", write(99, "x", 1), EBADF);
    fails("write to a negative descriptor", write(-1, "x", 1), EBADF);
    fails("open a file as a directory", open("file", O_RDONLY | O_DIRECTORY), ENOTDIR);
    fails("open below a file", open("file/below", O_RDONLY), ENOTDIR);
    fails("write to a directory", open(".", O_WRONLY), EISDIR);
    fails("create with a slash behind", open("new/", O_RDWR | O_CREAT, 0600), EISDIR);
    fails("the empty path", open("", O_RDONLY), ENOENT);
    close(reader);
    close(writer);
    check("close", close(fd) == 0);
    fails("close again", close(fd), EBADF);
}

static void test_append(void) {
    const int fd = open("log", O_WRONLY | O_CREAT | O_APPEND, 0600);
    check("append", write(fd, "one", 3) == 3);
    lseek(fd, 0, SEEK_SET);
    check("append after a seek", write(fd, "two", 3) == 3 && lseek(fd, 0, SEEK_CUR) == 6);
    check("pwrite appends too", pwrite(fd, "three", 5, 0) == 5 && size_of(fd) == 11);
    close(fd);
    const int reader = open("log", O_RDONLY);
    check("what was appended", reads_as(reader, "onetwothree"));
    close(reader);
}

static void test_offsets(void) {
    const int fd = open("offsets", O_RDWR | O_CREAT, 0600);
    check("pwrite", pwrite(fd, "abcdef", 6, 10) == 6);
    check("pwrite leaves the position", lseek(fd, 0, SEEK_CUR) == 0);
    check("pread", pread(fd, buffer, 3, 11) == 3 && memcmp(buffer, "bcd", 3) == 0);
    check("zeroes before", pread(fd, buffer, 10, 0) == 10 && buffer[0] == 0 && buffer[9] == 0);
    check("pread past the end", pread(fd, buffer, 3, 100) == 0);
    fails("pread at a negative offset", pread(fd, buffer, 3, -1), EINVAL);
    const struct iovec out[3] = {{"12", 2}, {NULL, 0}, {"345", 3}};
    check("writev", writev(fd, out, 3) == 5);
    char first[2], second[8];
    const struct iovec in[2] = {{first, 2}, {second, 8}};
    lseek(fd, 0, SEEK_SET);
    check("readv",
          readv(fd, in, 2) == 10 && memcmp(first, "12", 2) == 0 && memcmp(second, "345", 3) == 0);
    check("preadv", preadv(fd, in, 2, 10) == 6 && first[0] == 'a' && second[3] == 'f');
    check("pwritev", pwritev(fd, out, 3, 0) == 5);
    fails("writev with too many", writev(fd, out, 100000), EINVAL);
    check("no bytes", write(fd, "", 0) == 0 && read(fd, buffer, 0) == 0);
    close(fd);
}

static void test_sizes(void) {
    const int fd = open("sizes", O_RDWR | O_CREAT, 0600);
    memset(buffer, 'x', 10000);
    check("10,000 bytes", write(fd, buffer, 10000) == 10000);
    check("shorten", ftruncate(fd, 5000) == 0 && size_of(fd) == 5000);
    check("lengthen", ftruncate(fd, 9000) == 0 && size_of(fd) == 9000);
    check("what came is zero",
          pread(fd, buffer, 4000, 5000) == 4000 && buffer[0] == 0 && buffer[3999] == 0);
    check("what stayed", pread(fd, buffer, 10, 4995) == 10 && buffer[4] == 'x' && buffer[5] == 0);
    fails("a negative size", ftruncate(fd, -1), EINVAL);
    check("truncate by path", truncate("sizes", 3) == 0 && size_of(fd) == 3);
    check("allocate", posix_fallocate(fd, 0, 8192) == 0 && size_of(fd) == 8192);
    close(fd);
    const int reader = open("sizes", O_RDONLY);
    fails("truncate a reader", ftruncate(reader, 0), EINVAL);
    close(reader);
}

static void test_sparse(void) {
    const int fd = open("sparse", O_RDWR | O_CREAT, 0600);
    const off_t far = 1LL << 33;
    check("write far out", pwrite(fd, "end", 3, far) == 3 && size_of(fd) == far + 3);
    struct stat status;
    check("few blocks", fstat(fd, &status) == 0 && status.st_blocks > 0 && status.st_blocks < 4096);
    check("a hole reads as zeroes", pread(fd, buffer, 4096, far / 2) == 4096 && buffer[17] == 0);
    check("data behind the hole", lseek(fd, 0, SEEK_DATA) == far);
    check("the hole", lseek(fd, 0, SEEK_HOLE) == 0);
    fails("no data behind the end", lseek(fd, far + 3, SEEK_DATA), ENXIO);
    close(fd);
}

static void test_deleted(void) {
    const int fd = open("gone", O_RDWR | O_CREAT, 0600);
    write(fd, "still here", 10);
    check("unlink while open", unlink("gone") == 0);
    fails("the name is gone", open("gone", O_RDONLY), ENOENT);
    check("the contents are not", reads_as(fd, "still here"));
    struct stat status;
    check("no links", fstat(fd, &status) == 0 && status.st_nlink == 0);
    close(fd);
}

static void test_temporary(void) {
    const int fd = open(".", O_RDWR | O_TMPFILE, 0600);
    check("a file without a name", fd >= 0 && write(fd, "data", 4) == 4);
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    check("gets one", linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW) == 0);
    close(fd);
    const int reader = open("named", O_RDONLY);
    check("and keeps its contents", reads_as(reader, "data"));
    close(reader);
}

int main(void) {
    umask(022);
    enter_scratch();
    test_open();
    test_append();
    test_offsets();
    test_sizes();
    test_sparse();
    test_deleted();
    test_temporary();
    return failures != 0;
}
