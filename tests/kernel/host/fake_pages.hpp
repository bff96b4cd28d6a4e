// Pages of files from the host's memory. Included by one source file of a test executable.
#pragma once

#include <cstdlib>
#include <cstring>

#include <memory/address_space.hpp>
#include <tmpfs/page_frames.hpp>

namespace host {

inline std::uint64_t page_limit = 1'000'000;
inline std::size_t living_pages = 0;

} // namespace host

namespace os::tmpfs {

Result<PhysAddr> allocate_page() {
    void* page = std::aligned_alloc(k_page_size, k_page_size);
    std::memset(page, 0xa5, k_page_size); // nobody may count on zeroes
    ++host::living_pages;
    return PhysAddr{reinterpret_cast<std::uint64_t>(page)};
}
void free_page(PhysAddr page) {
    --host::living_pages;
    std::free(reinterpret_cast<void*>(page.value));
}
std::uint8_t* page_bytes(PhysAddr page) {
    return reinterpret_cast<std::uint8_t*>(page.value);
}
std::uint64_t default_page_limit() {
    return host::page_limit;
}

} // namespace os::tmpfs

namespace os::memory {

Result<void> check_program_range(VirtAddr, std::size_t, Access) {
    return {};
}
void forget_pages(const void*, std::uint64_t, std::uint64_t, Copies) {}

} // namespace os::memory
