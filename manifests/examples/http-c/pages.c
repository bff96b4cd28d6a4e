/* The files to serve, in memory. */
#include "server.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct page *pages;
static size_t page_count;

static const char *type_of(const char *path) {
    static const struct {
        const char *suffix, *type;
    } known[] = {
        {".html", "text/html; charset=utf-8"}, {".css", "text/css"},   {".js", "text/javascript"},
        {".json", "application/json"},         {".png", "image/png"},  {".svg", "image/svg+xml"},
        {".txt", "text/plain; charset=utf-8"},
    };
    size_t length = strlen(path);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t suffix = strlen(known[i].suffix);
        if (length >= suffix && strcmp(path + length - suffix, known[i].suffix) == 0)
            return known[i].type;
    }
    return "application/octet-stream";
}

static void fail(const char *what, const char *path) {
    fprintf(stderr, "cannot %s %s: ", what, path);
    perror("");
    exit(1);
}

static void add_page(const char *file, const char *path, size_t size) {
    FILE *stream = fopen(file, "rb");
    char *content = malloc(size + 1);
    if (stream == NULL || content == NULL || fread(content, 1, size, stream) != size)
        fail("read", file);
    fclose(stream);
    pages = realloc(pages, (page_count + 1) * sizeof *pages);
    if (pages == NULL)
        fail("keep", file);
    pages[page_count++] = (struct page){strdup(path), type_of(path), content, size};
}

static void load_below(const char *folder, const char *prefix) {
    DIR *directory = opendir(folder);
    if (directory == NULL)
        fail("open", folder);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        char file[4096], path[4096];
        struct stat status;
        if (snprintf(file, sizeof file, "%s/%s", folder, entry->d_name) >= (int)sizeof file ||
            snprintf(path, sizeof path, "%s/%s", prefix, entry->d_name) >= (int)sizeof path)
            continue;
        if (stat(file, &status) != 0)
            fail("look at", file);
        if (S_ISDIR(status.st_mode))
            load_below(file, path);
        else if (S_ISREG(status.st_mode))
            add_page(file, path, (size_t)status.st_size);
    }
    closedir(directory);
}

void pages_load(const char *folder) {
    load_below(folder, "");
}

const struct page *pages_find(const char *path, size_t length) {
    if (length == 1 && path[0] == '/') {
        path = "/index.html";
        length = strlen(path);
    }
    for (size_t i = 0; i < page_count; i++)
        if (strlen(pages[i].path) == length && memcmp(pages[i].path, path, length) == 0)
            return &pages[i];
    return NULL;
}
