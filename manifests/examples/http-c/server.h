/* The parts of the example web server. */
#ifndef SERVER_H
#define SERVER_H

#include <stddef.h>

enum { REQUEST_LIMIT = 8192, RESPONSE_LIMIT = 16384 };

/* One client. Bytes of requests gather in `request`; what cannot be sent yet waits in `response`. */
struct connection {
    int socket;
    size_t request_length;
    size_t response_length;
    size_t response_sent;
    const char *body; /* of the response under way; lives as long as the process */
    size_t body_length;
    size_t body_sent;
    int close_after;
    int waiting; /* for room in the socket */
    char request[REQUEST_LIMIT];
    char response[RESPONSE_LIMIT];
};

/* Files are read once, at the start, and served from memory. */
struct page {
    char *path; /* "/index.html" */
    const char *type;
    char *content;
    size_t length;
};

/* Loads every regular file below the folder; ends the program with a message on failure. */
void pages_load(const char *folder);
const struct page *pages_find(const char *path, size_t length);

/* Answers the request at the start of the buffer. Returns its length, or 0 when it is not complete
   yet. Fills in the response's head and points at its body. */
size_t http_answer(struct connection *connection);

extern unsigned long requests_served;

#endif
