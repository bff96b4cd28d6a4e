#include <vdso/vdso.hpp>

#include <new>

#include <arch/paging.hpp>
#include <clock/clock.hpp>
#include <memory/address_space.hpp>
#include <memory/frames.hpp>

#include "vvar_layout.hpp"

extern "C" {
extern const std::uint8_t unik_vdso_start[]; // see sources.cmake
extern const std::uint8_t unik_vdso_end[];
}

namespace os::vdso {

namespace {

// Pages of their own, for as long as the machine runs: the program sees nothing else in them.
constinit Vvar* g_vvar = nullptr;

Result<std::uint8_t*> own_pages(std::size_t size) {
    unsigned order = 0;
    while ((k_page_size << order) < size)
        ++order;
    void* pages = arch::physical_pointer(UNIK_TRY(memory::allocate_frames(order)));
    __builtin_memset(pages, 0, k_page_size << order);
    return static_cast<std::uint8_t*>(pages);
}

using memory::Protection;

// A free range is found by mapping one and giving it back.
Result<VirtAddr> find_place(std::size_t size) {
    const VirtAddr place = UNIK_TRY(memory::map({.address = {}, .size = size}));
    UNIK_TRY(memory::unmap(place, size));
    return place;
}

} // namespace

Result<VirtAddr> map() {
    const auto image_size = static_cast<std::size_t>(unik_vdso_end - unik_vdso_start);
    const std::size_t size = k_vvar_size + align_up(image_size, k_page_size);
    std::uint8_t* pages = UNIK_TRY(own_pages(size));
    __builtin_memcpy(pages + k_vvar_size, unik_vdso_start, image_size);
    g_vvar = new (pages) Vvar{};
    update_clocks();
    const VirtAddr vvar = UNIK_TRY(find_place(size));
    const VirtAddr image = vvar + k_vvar_size;
    UNIK_TRY(memory::map_image(vvar, pages, k_vvar_size, Protection::read, "[vvar]"));
    UNIK_TRY(memory::map_image(image, pages + k_vvar_size, size - k_vvar_size,
                               Protection::read | Protection::execute, "[vdso]"));
    return image;
}

void update_clocks() {
    if (g_vvar == nullptr)
        return;
    const clock::TscParameters parameters = clock::tsc_parameters();
    Vvar& vvar = *g_vvar;
    __atomic_store_n(&vvar.sequence, vvar.sequence + 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    vvar.shift = parameters.shift;
    vvar.base_tsc = parameters.base_tsc;
    vvar.multiplier = parameters.multiplier;
    vvar.realtime_offset = parameters.realtime_offset;
    __atomic_store_n(&vvar.sequence, vvar.sequence + 1, __ATOMIC_RELEASE);
}

} // namespace os::vdso
