#include "page_frames.hpp"

#include <arch/paging.hpp>
#include <memory/frames.hpp>
#include <memory/usage.hpp>

namespace os::tmpfs {

namespace {

constinit std::uint64_t g_pages = 0;
constinit memory::MemoryUser g_user("files in memory (tmpfs)", [] { return g_pages; });

} // namespace

Result<PhysAddr> allocate_page() {
    const PhysAddr page = UNIK_TRY(memory::allocate_frames(0));
    if (!g_user.linked())
        memory::register_user(g_user);
    ++g_pages;
    return page;
}

void free_page(PhysAddr page) {
    --g_pages;
    memory::free_frames(page, 0);
}

std::uint8_t* page_bytes(PhysAddr page) {
    return static_cast<std::uint8_t*>(arch::physical_pointer(page));
}

std::uint64_t default_page_limit() {
    return memory::frame_count().total / 2;
}

} // namespace os::tmpfs
