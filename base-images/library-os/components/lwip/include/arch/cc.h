/* What lwIP wants to know of the compiler and its surroundings. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifndef SSIZE_MAX
#define SSIZE_MAX INT64_MAX
#endif
typedef long ssize_t;

#ifdef __cplusplus
extern "C" {
#endif

void* unik_lwip_allocate(size_t size);
void* unik_lwip_allocate_zeroed(size_t count, size_t size);
void unik_lwip_free(void* pointer);
uint32_t unik_lwip_random(void);
uint16_t unik_lwip_checksum(const void* data, int size);
void unik_lwip_assertion_failed(const char* message, const char* file, int line)
    __attribute__((noreturn));

#ifdef __cplusplus
}
#endif

#define BYTE_ORDER LITTLE_ENDIAN
#define lwip_htons(x) __builtin_bswap16(x)
#define lwip_htonl(x) __builtin_bswap32(x)
#define LWIP_RAND() unik_lwip_random()
#define LWIP_PLATFORM_DIAG(x)
#define LWIP_PLATFORM_ASSERT(message) unik_lwip_assertion_failed(message, __FILE__, __LINE__)
#define LWIP_TIMEVAL_PRIVATE 0
