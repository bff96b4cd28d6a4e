/* Just enough of HTTP/1.1 (RFC 9112): GET and HEAD, keep-alive, pipelining. */
#define _GNU_SOURCE
#include "server.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/sysinfo.h>

unsigned long requests_served;

static void respond(struct connection *c, const char *status, const char *type, const char *body,
                    size_t length, int head_only) {
    int room = (int)(RESPONSE_LIMIT - c->response_length);
    int put = snprintf(c->response + c->response_length, (size_t)room,
                       "HTTP/1.1 %s\r\nServer: http-c\r\nContent-Type: %s\r\n"
                       "Content-Length: %zu\r\nConnection: %s\r\n\r\n",
                       status, type, length, c->close_after ? "close" : "keep-alive");
    c->response_length += (size_t)put;
    c->body = head_only ? NULL : body;
    c->body_length = head_only ? 0 : length;
    c->body_sent = 0;
}

/* What the machine knows of itself; lets tests see that memory stays flat. */
static void respond_status(struct connection *c, int head_only) {
    static char text[256];
    struct sysinfo info;
    if (sysinfo(&info) != 0)
        memset(&info, 0, sizeof info);
    int length = snprintf(text, sizeof text,
                          "{\"requests\":%lu,\"uptime\":%ld,\"total\":%lu,\"free\":%lu}\n",
                          requests_served, info.uptime, info.totalram * info.mem_unit,
                          info.freeram * info.mem_unit);
    respond(c, "200 OK", "application/json", text, (size_t)length, head_only);
}

static int header_says_close(const char *head, size_t length) {
    for (const char *line = memchr(head, '\n', length); line != NULL;
         line = memchr(line, '\n', length - (size_t)(line - head))) {
        line++;
        size_t left = length - (size_t)(line - head);
        if (left > 11 && strncasecmp(line, "connection:", 11) == 0) {
            const char *value = line + 11;
            while (*value == ' ')
                value++;
            return strncasecmp(value, "close", 5) == 0;
        }
    }
    return 0;
}

size_t http_answer(struct connection *c) {
    char *end = memmem(c->request, c->request_length, "\r\n\r\n", 4);
    if (end == NULL) {
        if (c->request_length == REQUEST_LIMIT) {
            c->close_after = 1;
            respond(c, "431 Request Header Fields Too Large", "text/plain", "", 0, 0);
            return REQUEST_LIMIT;
        }
        return 0;
    }
    size_t length = (size_t)(end - c->request) + 4;
    int head_only = strncmp(c->request, "HEAD ", 5) == 0;
    char *line_end = memchr(c->request, '\r', length);
    requests_served++;
    if (header_says_close(c->request, length) || memmem(c->request, length, "HTTP/1.0", 8) != NULL)
        c->close_after = 1;
    if (!head_only && strncmp(c->request, "GET ", 4) != 0) {
        c->close_after = 1; /* a body may follow that we do not read */
        respond(c, "405 Method Not Allowed", "text/plain", "only GET and HEAD\n", 18, 0);
        return length;
    }
    char *path = c->request + (head_only ? 5 : 4);
    size_t path_length = strcspn(path, " ?\r");
    if (path + path_length > line_end)
        path_length = (size_t)(line_end - path);
    if (path_length == 7 && memcmp(path, "/status", 7) == 0) {
        respond_status(c, head_only);
        return length;
    }
    const struct page *page = pages_find(path, path_length);
    if (page != NULL)
        respond(c, "200 OK", page->type, page->content, page->length, head_only);
    else
        respond(c, "404 Not Found", "text/plain", "not found\n", 10, head_only);
    return length;
}
