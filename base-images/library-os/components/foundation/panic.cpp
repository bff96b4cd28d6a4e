#include <foundation/panic.hpp>

#include <cstdarg>
#include <cstddef>
#include <new>

#include <foundation/format.hpp>

namespace os {
namespace {

using Handler = void (*)(const char* message);
constinit Handler g_handler = nullptr;

} // namespace

void set_panic_handler(void (*handler)(const char* message)) {
    g_handler = handler;
}

void panic(const char* format, ...) {
    static constinit char message[256] = {};
    if (g_handler != nullptr) {
        std::va_list arguments;
        va_start(arguments, format);
        format_arguments(message, sizeof(message), format, arguments);
        va_end(arguments);
        g_handler(message);
    }
    for (;;)
        asm volatile("cli; hlt");
}

} // namespace os

// The compiler refers to these from virtual destructors and tables; nothing in the kernel deletes:
// Own and Ref destroy objects and give their memory to heap_free.
void operator delete(void*) noexcept {
    os::panic("operator delete was called");
}
void operator delete(void*, std::size_t) noexcept {
    os::panic("operator delete was called");
}
extern "C" [[noreturn]] void __cxa_pure_virtual() {
    os::panic("a pure virtual function was called");
}
