#include "page_frames.hpp"

#include <arch/paging.hpp>
#include <memory/frames.hpp>

namespace os::tmpfs {

Result<PhysAddr> allocate_page() {
    return memory::allocate_frames(0);
}

void free_page(PhysAddr page) {
    memory::free_frames(page, 0);
}

std::uint8_t* page_bytes(PhysAddr page) {
    return static_cast<std::uint8_t*>(arch::physical_pointer(page));
}

std::uint64_t default_page_limit() {
    return memory::frame_count().total / 2;
}

} // namespace os::tmpfs
