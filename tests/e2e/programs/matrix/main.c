/* matrix serve PORT    answers GET /disk with the disk's GUID and GET /exit/CODE by ending with CODE
 * matrix tell CODE     prints the disk's GUID and ends with CODE */
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The GUID in the partition table's header, as the bytes lie there, or what is wrong. */
static void read_disk(char *out, size_t size) {
    static const char *const names[] = {"/dev/vda", "/dev/sda", "/dev/nvme0n1"};
    unsigned char sector[512];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i) {
        const int disk = open(names[i], O_RDONLY);
        if (disk < 0)
            continue;
        const ssize_t got = pread(disk, sector, sizeof sector, sizeof sector);
        close(disk);
        if (got != sizeof sector || memcmp(sector, "EFI PART", 8) != 0) {
            snprintf(out, size, "%s: no partition table", names[i]);
            return;
        }
        for (int byte = 0; byte < 16; ++byte)
            snprintf(out + 2 * byte, size - 2 * (size_t)byte, "%02x", sector[56 + byte]);
        return;
    }
    snprintf(out, size, "no disk");
}

static void reply(int client, const char *text) {
    char answer[256];
    const int length = snprintf(answer, sizeof answer,
                                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                                "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                                strlen(text), text);
    if (write(client, answer, (size_t)length) != length)
        perror("write");
}

static int serve(const char *port) {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 8) != 0) {
        perror("listen");
        return 1;
    }
    for (;;) {
        char request[1024] = "";
        char text[64] = "?";
        int code = -1;
        const int client = accept(listener, NULL, NULL);
        if (client < 0 || read(client, request, sizeof request - 1) < 0)
            perror("request");
        if (strncmp(request, "GET /disk ", 10) == 0)
            read_disk(text, sizeof text);
        else if (sscanf(request, "GET /exit/%d ", &code) == 1)
            snprintf(text, sizeof text, "bye");
        reply(client, text);
        close(client);
        if (code >= 0)
            return code;
    }
}

int main(int argc, char **argv) {
    char text[64];
    if (argc == 3 && strcmp(argv[1], "serve") == 0)
        return serve(argv[2]);
    read_disk(text, sizeof text);
    puts(text);
    return argc == 3 ? atoi(argv[2]) : 1;
}
