// Frames from the host's memory, addressed as the kernel's map of all memory would. Included by one
// source file of a test executable, since it defines things.
#pragma once

#include <cstdlib>
#include <cstring>

#include <arch/paging.hpp>
#include <memory/frames.hpp>

namespace host {

inline std::size_t living_frames = 0;
// How many more can be had.
inline std::size_t frames_left = SIZE_MAX;

inline std::uint8_t* frame_bytes(os::PhysAddr frame) {
    return static_cast<std::uint8_t*>(os::arch::physical_pointer(frame));
}
inline os::PhysAddr frame_at(const void* memory) {
    return {reinterpret_cast<std::uint64_t>(memory) - os::arch::k_physical_map};
}

} // namespace host

namespace os::memory {

Result<PhysAddr> allocate_frames(unsigned order) {
    if (host::frames_left == 0)
        return Errno::enomem;
    --host::frames_left;
    ++host::living_frames;
    void* memory = std::aligned_alloc(k_page_size, k_page_size << order);
    std::memset(memory, 0xa5, k_page_size << order); // nobody may count on zeroes
    return host::frame_at(memory);
}
Result<PhysAddr> allocate_zeroed_frame() {
    const PhysAddr frame = UNIK_TRY(allocate_frames(0));
    std::memset(host::frame_bytes(frame), 0, k_page_size);
    return frame;
}
void free_frames(PhysAddr first, unsigned) {
    --host::living_frames;
    ++host::frames_left;
    std::free(host::frame_bytes(first));
}

} // namespace os::memory
