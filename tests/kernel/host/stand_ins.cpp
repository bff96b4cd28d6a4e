#include "stand_ins.hpp"

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <foundation/heap.hpp>
#include <foundation/lock.hpp>
#include <foundation/panic.hpp>

namespace host {
namespace {

std::size_t allocations_left = SIZE_MAX;
std::size_t living = 0;

} // namespace

void limit_allocations(std::size_t count) {
    allocations_left = count;
}
void unlimited_memory() {
    allocations_left = SIZE_MAX;
}
std::size_t living_blocks() {
    return living;
}

} // namespace host

namespace os {

void panic(const char* format, ...) {
    char message[256];
    std::va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    throw host::Panic(message);
}

void set_panic_handler(void (*)(const char*)) {}

void* heap_allocate(std::size_t size) {
    if (host::allocations_left == 0)
        return nullptr;
    if (host::allocations_left != SIZE_MAX)
        --host::allocations_left;
    void* block = std::malloc(size == 0 ? 1 : size);
    if (block != nullptr)
        ++host::living;
    return block;
}

void heap_free(void* pointer) {
    if (pointer != nullptr)
        --host::living;
    std::free(pointer);
}

std::uint64_t SpinLock::lock() {
    if (held_ != 0)
        panic("a lock is taken that is held");
    held_ = 1;
    static_cast<void>(rank_);
    return 0;
}

void SpinLock::unlock(std::uint64_t) {
    held_ = 0;
}

} // namespace os
