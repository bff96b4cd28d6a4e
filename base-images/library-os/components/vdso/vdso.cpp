#include <vdso/vdso.hpp>

#include <clock/clock.hpp>
#include <memory/address_space.hpp>

#include "vvar_layout.hpp"

extern "C" {
extern const std::uint8_t unik_vdso_start[]; // page-aligned, see sources.cmake
extern const std::uint8_t unik_vdso_end[];
}

namespace os::vdso {

namespace {

union VvarPage {
    Vvar vvar;
    std::uint8_t page[k_vvar_size];
};
alignas(k_vvar_size) constinit VvarPage g_page{.page = {}};

using memory::Protection;

// A free range is found by mapping one and giving it back.
Result<VirtAddr> find_place(std::size_t size) {
    const VirtAddr place = UNIK_TRY(memory::map({.address = {}, .size = size}));
    UNIK_TRY(memory::unmap(place, size));
    return place;
}

} // namespace

Result<VirtAddr> map() {
    update_clocks();
    const std::size_t size =
        align_up(static_cast<std::size_t>(unik_vdso_end - unik_vdso_start), k_page_size);
    const VirtAddr vvar = UNIK_TRY(find_place(k_vvar_size + size));
    const VirtAddr image = vvar + k_vvar_size;
    UNIK_TRY(memory::map_image(vvar, &g_page, k_vvar_size, Protection::read, "[vvar]"));
    UNIK_TRY(memory::map_image(image, unik_vdso_start, size, Protection::read | Protection::execute,
                               "[vdso]"));
    return image;
}

void update_clocks() {
    const clock::TscParameters parameters = clock::tsc_parameters();
    Vvar& vvar = g_page.vvar;
    __atomic_store_n(&vvar.sequence, vvar.sequence + 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    vvar.shift = parameters.shift;
    vvar.base_tsc = parameters.base_tsc;
    vvar.multiplier = parameters.multiplier;
    vvar.realtime_offset = parameters.realtime_offset;
    __atomic_store_n(&vvar.sequence, vvar.sequence + 1, __ATOMIC_RELEASE);
}

} // namespace os::vdso
