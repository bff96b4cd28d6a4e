// What a disk driver sees of the machine, for tests on the host: memory that devices reach, time
// that passes while a driver waits, and the console. Included by one source file of a test
// executable, since it defines things.
#pragma once

#include "fake_waiting.hpp"

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <sys/mman.h>

#include <arch/paging.hpp>
#include <control/control.hpp>
#include <memory/frames.hpp>
#include <threads/alert.hpp>

namespace host {

inline std::vector<std::string> warnings;
// What the device does while its driver waits.
inline std::function<void()> device;
inline bool out_of_frames = false;
inline bool high_frames = true;

// Physical addresses: below 4 GiB, what low_memory() gave out, by its own address; above, the rest.
inline void* pointer(std::uint64_t physical) {
    if (physical < 1ULL << 32)
        return reinterpret_cast<void*>(physical);
    return reinterpret_cast<void*>(os::arch::k_physical_map + physical);
}
inline std::uint8_t* low_memory(std::size_t size) {
    void* memory =
        mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    return static_cast<std::uint8_t*>(memory);
}
// As the kernel addresses it, which no host memory is low for.
inline os::PhysAddr frame_of(void* memory) {
    return {reinterpret_cast<std::uint64_t>(memory) - os::arch::k_physical_map};
}

inline bool warned(const std::string& words) {
    for (const std::string& warning : warnings)
        if (warning.find(words) != std::string::npos)
            return true;
    return false;
}

} // namespace host

namespace os::control {

void warn(const char* id, const char* format, ...) {
    char message[256];
    std::va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    host::warnings.push_back(std::string(id) + ": " + message);
}

} // namespace os::control

namespace os::memory {

PhysAddr physical_address(const void* pointer) {
    const auto address = reinterpret_cast<std::uint64_t>(pointer);
    const bool low = address != 0 && address < 1ULL << 32; // the kernel has no memory at null
    return low ? PhysAddr{address} : PhysAddr{address - arch::k_physical_map};
}
Result<PhysAddr> allocate_low_frames(unsigned order) {
    if (host::out_of_frames)
        return Errno::enomem;
    std::uint8_t* memory = host::low_memory(k_page_size << order);
    std::memset(memory, 0xa5, k_page_size << order);
    return host::frame_of(memory);
}
bool has_high_frames() {
    return host::high_frames;
}
Result<PhysAddr> allocate_zeroed_frame() {
    if (host::out_of_frames)
        return Errno::enomem;
    std::uint8_t* memory = host::low_memory(k_page_size);
    return host::frame_of(memory);
}

} // namespace os::memory

namespace os::threads {

void Alert::raise() {
    raised_ = true;
}

void Alert::wait(Nanoseconds deadline) {
    if (!raised_ && host::device)
        host::device();
    if (!raised_ && host::now < deadline)
        host::now = deadline;
    raised_ = false;
}

} // namespace os::threads
