#include <memory/stand_in.hpp>

#include <arch/paging.hpp>
#include <foundation/panic.hpp>

#include "frame_access.hpp"

namespace os::memory {

constinit unsigned g_stand_ins = 0;

namespace {

// One instruction touches no more pages than these: two to read from and two to write to.
constexpr unsigned k_most = 4;

struct StandIn {
    VirtAddr page;
    arch::Translation before;
};
constinit StandIn g_replaced[k_most];
constinit PhysAddr g_frame{}; // zero until it is first needed

void restore(const StandIn& replaced) {
    const arch::Translation& before = replaced.before;
    arch::unmap_page(replaced.page);
    if (!before.present && !before.held)
        return;
    const Result<void> mapped = arch::map_page(replaced.page, before.frame,
                                               {.present = before.present,
                                                .writable = before.writable,
                                                .executable = before.executable,
                                                .lent = before.lent});
    UNIK_ASSERT(mapped.ok()); // its table is still there
}

} // namespace

Result<void> stand_in(VirtAddr address) {
    if (g_frame.value == 0)
        g_frame = UNIK_TRY(allocate_kernel_frame());
    if (g_stand_ins == k_most)
        restore_stand_ins();
    __builtin_memset(frame_bytes(g_frame), 0, k_page_size);
    const VirtAddr page{align_down(address.value, k_page_size)};
    const arch::Translation before = arch::translate(page);
    UNIK_TRY(arch::map_page(page, g_frame, {.writable = true}));
    g_replaced[g_stand_ins++] = {page, before};
    return {};
}

void restore_stand_ins() {
    while (g_stand_ins != 0)
        restore(g_replaced[--g_stand_ins]);
}

} // namespace os::memory
