#include "placement.hpp"

#include <arch/paging.hpp>
#include <linux-process/program.hpp>

namespace os::linux_process {

namespace {

using memory::Protection;

constexpr std::uint32_t k_executable = 1;
constexpr std::uint32_t k_writable = 2;
constexpr std::uint32_t k_readable = 4;

constexpr std::uint64_t k_lowest_base = 0x555555554000;
constexpr std::uint64_t k_base_pages = 1ULL << 28;

constexpr std::size_t k_stack_size = 8 << 20;
constexpr std::size_t k_stack_guard_size = 1 << 20;
constexpr std::uint64_t k_stack_slide_pages = 1ULL << 22;

} // namespace

Protection protection_of(std::uint32_t segment_flags) {
    Protection protection = Protection::none;
    if ((segment_flags & k_readable) != 0)
        protection = protection | Protection::read;
    if ((segment_flags & k_writable) != 0)
        protection = protection | Protection::write;
    if ((segment_flags & k_executable) != 0)
        protection = protection | Protection::execute;
    return protection;
}

std::uint64_t pick_base(std::uint64_t alignment, std::uint64_t random) {
    return align_down(k_lowest_base + random % k_base_pages * k_page_size, alignment);
}

Result<Stack> map_stack(std::uint64_t slide) {
    const std::uint64_t top =
        arch::k_program_top - k_page_size - slide % k_stack_slide_pages * k_page_size;
    const VirtAddr bottom{top - k_stack_size};
    UNIK_TRY(memory::map({.address = VirtAddr{bottom.value - k_stack_guard_size},
                          .size = k_stack_guard_size,
                          .placement = memory::Placement::fixed_no_replace,
                          .name = "[stack guard]"}));
    UNIK_TRY(memory::map({.address = bottom,
                          .size = k_stack_size,
                          .protection = Protection::read | Protection::write,
                          .placement = memory::Placement::fixed_no_replace,
                          .name = "[stack]",
                          .no_reserve = true}));
    return Stack{bottom, k_stack_size};
}

} // namespace os::linux_process
