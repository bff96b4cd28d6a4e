// Ranges of bytes in files: fallocate, reading and writing with flags, copying, limits; and what
// statx and extended attributes tell.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}
static void fails(const char* name, long result, int error) {
    check(name, result == -1 && errno == error);
}

static struct stat status;
static long size_of(int fd) {
    return fstat(fd, &status) == 0 ? (long)status.st_size : -1;
}

// Not in every C library's headers.
enum { rwf_dsync = 2, rwf_sync = 4, rwf_append = 16 };
static long preadv2_(int fd, const struct iovec* vectors, int count, long offset, int flags) {
    return syscall(SYS_preadv2, fd, vectors, count, offset, 0, flags);
}
static long pwritev2_(int fd, const struct iovec* vectors, int count, long offset, int flags) {
    return syscall(SYS_pwritev2, fd, vectors, count, offset, 0, flags);
}
struct extended_time {
    int64_t seconds;
    uint32_t nanoseconds;
    int32_t reserved;
};
struct extended {
    uint32_t mask, block_size;
    uint64_t attributes;
    uint32_t links, user, group;
    uint16_t mode, padding;
    uint64_t inode, size, blocks, attributes_mask;
    struct extended_time accessed, born, changed, modified;
    uint32_t special_major, special_minor, device_major, device_minor;
    uint64_t mount, spare[13];
};
static long statx_(int fd, const char* path, int flags, unsigned mask, struct extended* out) {
    return syscall(SYS_statx, fd, path, flags, mask, out);
}
enum { basic_status = 0x7ff, birth = 0x800, mount_id = 0x1000, mount_root = 0x2000 };

enum { keep_size = 1, punch_hole = 2, collapse = 8, zero_range = 16, insert_range = 32 };

static int all_are(int fd, long from, long to, char expected) {
    for (long at = from; at < to; ++at) {
        char byte = 77;
        if (pread(fd, &byte, 1, at) != 1 || byte != expected)
            return 0;
    }
    return 1;
}

static void test_allocation(void) {
    const int fd = open("file", O_RDWR | O_CREAT, 0600);
    check("fallocate grows", fallocate(fd, 0, 0, 10000) == 0 && size_of(fd) == 10000);
    check("keeping the size", fallocate(fd, keep_size, 0, 50000) == 0 && size_of(fd) == 10000);
    char bytes[10000];
    memset(bytes, 'x', sizeof(bytes));
    pwrite(fd, bytes, sizeof(bytes), 0);
    check("a hole", fallocate(fd, punch_hole | keep_size, 1000, 5000) == 0 &&
                        size_of(fd) == 10000 && all_are(fd, 990, 1000, 'x') &&
                        all_are(fd, 1000, 6000, 0) && all_are(fd, 6000, 6010, 'x'));
    check("a hole within a page", fallocate(fd, punch_hole | keep_size, 100, 10) == 0 &&
                                      all_are(fd, 99, 100, 'x') && all_are(fd, 100, 110, 0) &&
                                      all_are(fd, 110, 111, 'x'));
    check("a hole behind the end",
          fallocate(fd, punch_hole | keep_size, 20000, 10) == 0 && size_of(fd) == 10000);
    check("zeroes", fallocate(fd, zero_range, 9000, 2000) == 0 && size_of(fd) == 11000 &&
                        all_are(fd, 8999, 9000, 'x') && all_are(fd, 9000, 11000, 0));
    check("zeroes, keeping the size", fallocate(fd, zero_range | keep_size, 8000, 10000) == 0 &&
                                          size_of(fd) == 11000 && all_are(fd, 7999, 8000, 'x') &&
                                          all_are(fd, 8000, 9000, 0));
    fails("a hole that may grow", fallocate(fd, punch_hole, 0, 100), EOPNOTSUPP);
    fails("two at once", fallocate(fd, punch_hole | zero_range | keep_size, 0, 1), EOPNOTSUPP);
    fails("an unknown mode", fallocate(fd, 1 << 20, 0, 100), EOPNOTSUPP);
    fails("nothing", fallocate(fd, 0, 0, 0), EINVAL);
    fails("before the file", fallocate(fd, 0, -1, 10), EINVAL);
    fails("beyond every file", fallocate(fd, 0, LONG_MAX, LONG_MAX), EFBIG);
    close(fd);
    const int reader = open("file", O_RDONLY), appender = open("file", O_RDWR | O_APPEND);
    fails("by a reader", fallocate(reader, 0, 0, 100), EBADF);
    check("a hole by an appender", fallocate(appender, punch_hole | keep_size, 0, 10) == 0);
    close(reader);
    close(appender);
    int ends[2];
    pipe(ends);
    fails("in a pipe", fallocate(ends[1], 0, 0, 100), ESPIPE);
    close(ends[0]);
    close(ends[1]);
}

static void test_flags_of_transfers(void) {
    const int fd = open("flags", O_RDWR | O_CREAT, 0600);
    char buffer[16] = "";
    struct iovec text = {.iov_base = "abcdef", .iov_len = 6};
    struct iovec into = {.iov_base = buffer, .iov_len = sizeof(buffer)};
    check("pwritev2", pwritev2_(fd, &text, 1, 0, 0) == 6 && lseek(fd, 0, SEEK_CUR) == 0);
    check("appending", pwritev2_(fd, &text, 1, 0, rwf_append) == 6 && size_of(fd) == 12);
    check("appending at the position", pwritev2_(fd, &text, 1, -1, rwf_append) == 6 &&
                                           lseek(fd, 0, SEEK_CUR) == 18 && size_of(fd) == 18);
    check("synchronised", pwritev2_(fd, &text, 1, 3, rwf_sync) == 6 &&
                              pwritev2_(fd, &text, 1, 3, rwf_dsync) == 6 && size_of(fd) == 18);
    lseek(fd, 15, SEEK_SET);
    check("at the position", preadv2_(fd, &into, 1, -1, 0) == 3 && lseek(fd, 0, SEEK_CUR) == 18);
    fails("unknown flags", preadv2_(fd, &into, 1, 0, 1 << 20), EOPNOTSUPP);
    fails("before the file", preadv2_(fd, &into, 1, -2, 0), EINVAL);
    check("nothing to read into", preadv2_(fd, NULL, 0, 0, 0) == 0);
    fails("a bad descriptor", preadv2_(99, &into, 1, 0, 0), EBADF);
    close(fd);
}

static void test_copying_within(void) {
    const int fd = open("copy", O_RDWR | O_CREAT, 0600);
    write(fd, "0123456789", 10);
    off64_t from = 0, to = 10;
    check("within one file", copy_file_range(fd, &from, fd, &to, 10, 0) == 10 && size_of(fd) == 20);
    from = 0, to = 5;
    fails("overlapping", copy_file_range(fd, &from, fd, &to, 10, 0), EINVAL);
    from = 18, to = 30;
    check("as much as there is", copy_file_range(fd, &from, fd, &to, 100, 0) == 2 && from == 20 &&
                                     to == 32 && size_of(fd) == 32);
    from = 100, to = 0;
    check("from behind the end", copy_file_range(fd, &from, fd, &to, 10, 0) == 0);
    fails("with flags", copy_file_range(fd, &from, fd, &to, 10, 1), EINVAL);
    close(fd);
}

static volatile sig_atomic_t too_large;
static void count(int number) {
    (void)number;
    ++too_large;
}

static void test_file_size_limit(void) {
    signal(SIGXFSZ, count);
    struct rlimit limit = {.rlim_cur = 1000, .rlim_max = RLIM_INFINITY};
    check("a limit", setrlimit(RLIMIT_FSIZE, &limit) == 0);
    const int fd = open("limit", O_RDWR | O_CREAT, 0600);
    char bytes[600];
    memset(bytes, 'y', sizeof(bytes));
    check("below it", write(fd, bytes, 600) == 600);
    check("up to it", write(fd, bytes, 600) == 400 && too_large == 0);
    fails("beyond it", write(fd, bytes, 600), EFBIG);
    check("with a signal", too_large == 1);
    fails("grown", ftruncate(fd, 1001), EFBIG);
    check("with a second", too_large == 2);
    fails("allocated", fallocate(fd, 0, 0, 2000), EFBIG);
    check("with a third", too_large == 3);
    check("cut", ftruncate(fd, 10) == 0 && size_of(fd) == 10);
    limit.rlim_cur = RLIM_INFINITY;
    check("no limit", setrlimit(RLIMIT_FSIZE, &limit) == 0 && ftruncate(fd, 5000) == 0);
    close(fd);
}

static void test_statx(void) {
    struct extended more;
    close(open("file", O_RDWR | O_CREAT, 0600));
    check("statx", statx_(AT_FDCWD, "file", 0, basic_status | birth, &more) == 0 &&
                       (more.mask & basic_status) == basic_status && more.size == 11000);
    check("a birth", (more.mask & birth) != 0 && more.born.seconds > 1600000000 &&
                         more.born.seconds <= more.changed.seconds);
    check("a mount", (more.mask & mount_id) != 0 && (more.attributes_mask & mount_root) != 0 &&
                         (more.attributes & mount_root) == 0);
    check("its root", statx_(AT_FDCWD, "/proc", 0, mount_id, &more) == 0 &&
                          (more.attributes & mount_root) != 0);
    const int fd = open("file", O_RDONLY);
    check("by descriptor", statx_(fd, "", AT_EMPTY_PATH, 0, &more) == 0 && more.size == 11000);
    close(fd);
    fails("unknown flags", statx_(AT_FDCWD, "file", 1 << 30, 0, &more), EINVAL);
    fails("two ways to synchronise", statx_(AT_FDCWD, "file", 0x6000, 0, &more), EINVAL);
    fails("reserved bits", statx_(AT_FDCWD, "file", 0, 0x80000000U, &more), EINVAL);
    fails("nothing", statx_(AT_FDCWD, "missing", 0, 0, &more), ENOENT);
}

static void test_extended_attributes(void) {
    char text[64];
    check("none to list", listxattr("file", text, sizeof(text)) == 0);
    fails("of nothing", getxattr("missing", "user.a", text, sizeof(text)), ENOENT);
    fails("of nothing, listed", listxattr("missing", text, sizeof(text)), ENOENT);
    fails("of no descriptor", fgetxattr(99, "user.a", text, sizeof(text)), EBADF);
    fails("of no space", setxattr("file", "nospace.a", "x", 1, 0), EOPNOTSUPP);
}

int main(void) {
    char folder[] = "/tmp/abi-XXXXXX";
    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        check("scratch folder", 0);
    test_allocation();
    test_flags_of_transfers();
    test_copying_within();
    test_file_size_limit();
    test_statx();
    test_extended_attributes();
    return failures != 0;
}
