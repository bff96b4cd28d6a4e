// Reads Linux's boot_params into the BootInfo.
#include <arch/cpu.hpp>
#include <arch/front_door.hpp>
#include <arch/paging.hpp>
#include <foundation/panic.hpp>

#include "boot_params.hpp"

extern "C" std::uint8_t unik_kernel_start[], unik_kernel_end[];

namespace os::boot_linux {
namespace {

// entry.S counts them the same way.
static_assert(arch::spare_pages_for(0) == 12 && arch::spare_pages_for((2U << 20) - 1) == 12 &&
              arch::spare_pages_for(2U << 20) == 13);

bool spare_pages_are_used() {
    constexpr std::uint64_t five_levels = 1ULL << 12; // CR4.LA57
    return arch::image_physical(unik_kernel_start).value != vocabulary::k_load_address ||
           (arch::read_cr4() & five_levels) != 0;
}

void keep_spare_pages(arch::BootInfo& out) {
    const std::uint64_t start = arch::image_physical(unik_kernel_start).value;
    const std::uint64_t end = align_up(arch::image_physical(unik_kernel_end).value, k_page_size);
    arch::withhold(out, end, arch::spare_pages_for(end - start) * k_page_size);
}

} // namespace
} // namespace os::boot_linux

extern "C" void unik_linux_front_door(std::uint64_t address, os::arch::BootInfo& out) {
    using namespace os;
    using namespace os::boot_linux;
    const auto* params =
        static_cast<const BootParams*>(arch::map_early(PhysAddr{address}, sizeof(BootParams)));
    if (params == nullptr)
        panic("the loader's boot_params cannot be at 0x%lx", address);
    out.acpi_root = PhysAddr{params->acpi_root};
    arch::set_command_line(
        out, PhysAddr{std::uint64_t{params->command_line_high} << 32 | params->command_line});
    for (unsigned i = 0; i < params->e820_count && i < k_most_e820_entries; ++i) {
        const E820Entry& entry = params->e820[i];
        arch::add_region(out, entry.address, entry.size, arch::kind_of_e820(entry.type));
    }
    if (spare_pages_are_used())
        keep_spare_pages(out);
    if (out.region_count == 0)
        panic("the loader gives no memory map in its boot_params at 0x%lx", address);
}
