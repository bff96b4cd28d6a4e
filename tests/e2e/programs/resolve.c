// Resolves each name that it is given through the C library, and tells what came out.
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static void resolve(const char* name, int flags) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags}, *all, *one;
    const int error = getaddrinfo(name, "80", &hints, &all);
    printf("%s:", name);
    if (error != 0) {
        printf(" error %d\n", error == EAI_NONAME ? 1 : 2);
        return;
    }
    for (one = all; one != NULL; one = one->ai_next) {
        char text[64];
        const void* address = one->ai_family == AF_INET
                                  ? (void*)&((struct sockaddr_in*)one->ai_addr)->sin_addr
                                  : (void*)&((struct sockaddr_in6*)one->ai_addr)->sin6_addr;
        printf(" %s", inet_ntop(one->ai_family, address, text, sizeof(text)));
    }
    puts("");
    freeaddrinfo(all);
}

int main(int count, char** arguments) {
    for (int i = 1; i < count; ++i)
        resolve(arguments[i], strcmp(arguments[i], "configured.test") == 0 ? AI_ADDRCONFIG : 0);
    struct sockaddr_in address = {.sin_family = AF_INET};
    char host[64] = "";
    inet_pton(AF_INET, "192.0.2.77", &address.sin_addr);
    const int error = getnameinfo((struct sockaddr*)&address, sizeof(address), host, sizeof(host),
                                  NULL, 0, NI_NAMEREQD);
    printf("192.0.2.77: %s\n", error == 0 ? host : "no name");
    puts("end");
    return 0;
}
