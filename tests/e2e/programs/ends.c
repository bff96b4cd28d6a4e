// Asks 192.0.2.1:7000 how it shall end, writes more than goes out at once, and ends so.
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { size = 300000 };

int main(void) {
    static char bytes[size];
    struct sockaddr_in host = {.sin_family = AF_INET, .sin_port = htons(7000)};
    char how = 0;
    inet_pton(AF_INET, "192.0.2.1", &host.sin_addr);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr*)&host, sizeof host) != 0 || read(fd, &how, 1) != 1)
        return 1;
    memset(bytes, how, size);
    for (size_t done = 0; done < size;) {
        const ssize_t written = write(fd, bytes + done, size - done);
        if (written <= 0)
            return 2;
        done += (size_t)written;
    }
    if (how == 'c')
        close(fd);
    if (how == 's')
        abort();
    if (how == 'f')
        *(volatile int*)8 = 1;
    return 0;
}
