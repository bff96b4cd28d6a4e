// Locks on ranges of bytes: those of the process, those of open files, and what they do to each
// other.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int failures;
static void check(const char* name, int ok) {
    printf("%s %s\n", ok ? "ok" : "FAIL", name);
    failures += !ok;
}
static void fails(const char* name, long result, int error) {
    check(name, result == -1 && errno == error);
}

static int set(int fd, int command, short type, off_t start, off_t length) {
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    return fcntl(fd, command, &lock);
}

// What stands in the way of an open file's exclusive lock on the range, as a line.
static void show(const char* name, int fd, off_t start, off_t length) {
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    if (fcntl(fd, F_OFD_GETLK, &lock) != 0)
        printf("FAIL %s\n", name);
    else if (lock.l_type == F_UNLCK)
        printf("ok %s: free\n", name);
    else
        printf("ok %s: %s %ld+%ld whence %d %s\n", name, lock.l_type == F_RDLCK ? "read" : "write",
               (long)lock.l_start, (long)lock.l_len, lock.l_whence,
               lock.l_pid == -1 ? "open file" : lock.l_pid == getpid() ? "process" : "?");
}

static void test_process(int fd, int other) {
    check("one range", set(fd, F_SETLK, F_WRLCK, 10, 10) == 0);
    check("the process is not in its own way", set(other, F_SETLK, F_WRLCK, 0, 0) == 0);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    check("nor told so", fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type == F_UNLCK);
    show("one lock over all", other, 0, 0);
    check("a hole", set(fd, F_SETLK, F_UNLCK, 100, 50) == 0);
    show("before it", other, 0, 100);
    show("the hole", other, 100, 50);
    show("behind it", other, 150, 1);
    check("a shared part", set(fd, F_SETLK, F_RDLCK, 20, 10) == 0);
    show("the shared part", other, 20, 10);
    show("what is left before", other, 0, 20);
    show("what is left behind", other, 30, 5);
    check("made one again", set(fd, F_SETLK, F_WRLCK, 20, 10) == 0);
    show("one again", other, 25, 1);
    check("touching ranges", set(fd, F_SETLK, F_UNLCK, 0, 0) == 0 &&
                                 set(fd, F_SETLK, F_RDLCK, 0, 5) == 0 &&
                                 set(fd, F_SETLK, F_RDLCK, 5, 5) == 0);
    show("touching ranges are one", other, 0, 3);
    lseek(fd, 4, SEEK_SET);
    lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_start = 2, .l_len = -3};
    check("backwards from the position", fcntl(fd, F_SETLK, &lock) == 0);
    show("backwards", other, 0, 0);
    show("behind that", other, 6, 0);
    lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = -1, .l_len = 1};
    check("from the end", fcntl(fd, F_SETLK, &lock) == 0);
    show("the last byte", other, 90, 0);
    lock = (struct flock){.l_type = F_WRLCK, .l_start = 1, .l_len = -2};
    fails("before the file", fcntl(fd, F_SETLK, &lock), EINVAL);
    fails("a bad kind", set(fd, F_SETLK, 77, 0, 1), EINVAL);
    fails("asking for none", fcntl(fd, F_GETLK, &(struct flock){.l_type = F_UNLCK}), EINVAL);
    close(open("file", O_RDONLY));
    show("any close gives the process's locks up", other, 0, 0);
}

static void test_open_files(int fd, int other) {
    check("an open file's lock", set(fd, F_OFD_SETLK, F_RDLCK, 0, 100) == 0);
    show("seen from another", other, 0, 0);
    show("not in its own way", fd, 0, 0);
    check("shared by another", set(other, F_OFD_SETLK, F_RDLCK, 50, 100) == 0);
    fails("not exclusively", set(other, F_OFD_SETLK, F_WRLCK, 0, 1), EAGAIN);
    fails("nor by the process", set(fd, F_SETLK, F_WRLCK, 0, 1), EAGAIN);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
    check("the process is told", fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type == F_RDLCK &&
                                     lock.l_pid == -1 && lock.l_len == 100);
    const int copy = dup(fd);
    close(copy);
    fails("a copy's end gives nothing up", set(other, F_OFD_SETLK, F_WRLCK, 0, 1), EAGAIN);
    lock = (struct flock){.l_type = F_WRLCK, .l_pid = 1};
    fails("no process may be named", fcntl(fd, F_OFD_SETLK, &lock), EINVAL);
    check("given up", set(fd, F_OFD_SETLK, F_UNLCK, 0, 0) == 0 &&
                          set(other, F_OFD_SETLK, F_WRLCK, 0, 1) == 0);
    check("with the open file", set(other, F_OFD_SETLK, F_UNLCK, 0, 0) == 0 &&
                                    set(fd, F_OFD_SETLK, F_WRLCK, 0, 0) == 0);
    close(fd);
    show("its end gives them up", other, 0, 0);
}

static void test_rights(void) {
    const int reader = open("file", O_RDONLY), writer = open("file", O_WRONLY);
    fails("a write lock by a reader", set(reader, F_SETLK, F_WRLCK, 0, 1), EBADF);
    fails("a read lock by a writer", set(writer, F_SETLK, F_RDLCK, 0, 1), EBADF);
    const int handle = open("file", O_PATH);
    fails("a lock by a handle", set(handle, F_SETLK, F_RDLCK, 0, 1), EBADF);
    fails("a lock of nothing", set(99, F_SETLK, F_RDLCK, 0, 1), EBADF);
    close(handle);
    close(reader);
    close(writer);
}

static int shared;

static void* wait_for_lock(void* fd) {
    const int got = set(*(int*)fd, F_OFD_SETLKW, F_WRLCK, 0, 0);
    shared += 10;
    return (void*)(long)got;
}

static void test_waiting(void) {
    int first = open("file", O_RDWR), second = open("file", O_RDWR);
    check("held", set(first, F_OFD_SETLKW, F_WRLCK, 0, 0) == 0);
    pthread_t thread;
    pthread_create(&thread, NULL, wait_for_lock, &second);
    for (int i = 0; i < 20; ++i)
        sched_yield();
    shared = 1;
    set(first, F_OFD_SETLK, F_UNLCK, 0, 0);
    void* got = NULL;
    pthread_join(thread, &got);
    check("waited for", got == NULL && shared == 11);
    close(first);
    close(second);
}

int main(void) {
    char folder[] = "/tmp/abi-XXXXXX";
    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        check("scratch folder", 0);
    const int fd = open("file", O_RDWR | O_CREAT, 0600), other = open("file", O_RDWR);
    ftruncate(fd, 100);
    test_process(fd, other);
    test_open_files(fd, other);
    close(other);
    test_rights();
    test_waiting();
    return failures != 0;
}
