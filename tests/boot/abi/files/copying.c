// sendfile and copy_file_range.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
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

static char block[200000], seen[200000];

int main(void) {
    enter_scratch();
    for (size_t i = 0; i < sizeof(block); ++i)
        block[i] = (char)(i * 13 + i / 1000);
    const int from = open("from", O_RDWR | O_CREAT, 0600);
    const int to = open("to", O_RDWR | O_CREAT, 0600);
    write(from, block, sizeof(block));
    lseek(from, 0, SEEK_SET);
    check("sendfile to a file", sendfile(to, from, NULL, sizeof(block) * 2) == sizeof(block));
    check("both positions moved",
          lseek(from, 0, SEEK_CUR) == sizeof(block) && lseek(to, 0, SEEK_CUR) == sizeof(block));
    check("the same bytes", pread(to, seen, sizeof(seen), 0) == sizeof(seen) &&
                                memcmp(seen, block, sizeof(block)) == 0);
    check("nothing at the end", sendfile(to, from, NULL, 10) == 0);
    off_t offset = 100;
    lseek(from, 7, SEEK_SET);
    check("from an offset",
          sendfile(to, from, &offset, 50) == 50 && offset == 150 && lseek(from, 0, SEEK_CUR) == 7);
    int ends[2];
    pipe2(ends, O_NONBLOCK);
    offset = 0;
    const ssize_t sent = sendfile(ends[1], from, &offset, sizeof(block));
    check("into a pipe, until it is full", sent > 0 && sent <= 65536 && offset == sent);
    ssize_t total = 0;
    for (ssize_t got; (got = read(ends[0], seen + total, sizeof(seen) - (size_t)total)) > 0;)
        total += got;
    check("what arrived", total == sent && memcmp(seen, block, (size_t)total) == 0);
    fails("from a pipe", sendfile(to, ends[0], NULL, 1), EINVAL);
    fails("to a bad descriptor", sendfile(77, from, NULL, 1), EBADF);

    const int copy = open("copy", O_RDWR | O_CREAT, 0600);
    off_t in = 1000, out = 5;
    check("copy_file_range", copy_file_range(from, &in, copy, &out, 100000, 0) == 100000 &&
                                 in == 101000 && out == 100005);
    check("what was copied",
          pread(copy, seen, 100000, 5) == 100000 && memcmp(seen, block + 1000, 100000) == 0);
    fails("with flags", copy_file_range(from, NULL, copy, NULL, 1, 1), EINVAL);
    fails("into a reader", copy_file_range(from, NULL, open("copy", O_RDONLY), NULL, 1, 0), EBADF);
    return failures != 0;
}
