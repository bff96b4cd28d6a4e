// Text into a buffer, printf style: the subset %s %.*s %c %d %i %u %x %p %% with flags 0 and -,
// a width, and lengths l, ll, z, h. Nothing is allocated.
#pragma once

#include <cstdarg>
#include <cstddef>

namespace os {

// Writes at most size bytes including the closing NUL; returns the length without it, as it is in
// the buffer (cut off, not counted on).
std::size_t format(char* buffer, std::size_t size, const char* format, ...)
    __attribute__((format(printf, 3, 4)));
std::size_t format_arguments(char* buffer, std::size_t size, const char* format,
                             std::va_list arguments) __attribute__((format(printf, 3, 0)));

} // namespace os
