#include "kernel_map.hpp"

#include <arch/paging.hpp>
#include <memory/frames.hpp>

#include "frame_access.hpp"

extern "C" {
extern std::uint8_t unik_text_start[], unik_text_end[];
extern std::uint8_t unik_rodata_start[], unik_rodata_end[];
extern std::uint8_t unik_application_start[], unik_application_end[];
}

namespace os::memory {
namespace {

constexpr std::uint64_t k_large_page = 2ULL << 20;

struct ImagePart {
    const std::uint8_t* start;
    const std::uint8_t* end;
};
constexpr ImagePart k_read_only_parts[] = {
    {unik_text_start, unik_text_end},
    {unik_rodata_start, unik_rodata_end},
    {unik_application_start, unik_application_end},
};

VirtAddr in_map(std::uint64_t physical) {
    return VirtAddr{arch::k_physical_map + physical};
}

} // namespace

Result<void> map_physical(std::uint64_t first_frame, std::uint64_t end_frame) {
    const std::uint64_t end = align_up(end_frame * k_page_size, k_large_page);
    for (std::uint64_t at = align_down(first_frame * k_page_size, k_large_page); at < end;
         at += k_large_page)
        UNIK_TRY(arch::map_large_page(in_map(at), PhysAddr{at}, {.writable = true}));
    return {};
}

Result<void> protect_image_in_map() {
    for (const ImagePart& part : k_read_only_parts) {
        const std::uint64_t start = align_down(physical_address(part.start).value, k_page_size);
        const std::uint64_t end = align_up(physical_address(part.end).value, k_page_size);
        for (std::uint64_t at = start; at < end;) {
            if (at % k_large_page == 0 && end - at >= k_large_page) {
                UNIK_TRY(arch::map_large_page(in_map(at), PhysAddr{at}, {}));
                at += k_large_page;
            } else {
                UNIK_TRY(arch::map_page(in_map(at), PhysAddr{at}, {}));
                at += k_page_size;
            }
        }
    }
    return {};
}

bool is_read_only_image(PhysAddr frame) {
    for (const ImagePart& part : k_read_only_parts)
        if (frame.value >= align_down(physical_address(part.start).value, k_page_size) &&
            frame < physical_address(part.end))
            return true;
    return false;
}

PhysAddr physical_address(const void* kernel_pointer) {
    const auto address = reinterpret_cast<std::uint64_t>(kernel_pointer);
    if (address >= arch::k_kernel_image)
        return arch::image_physical(kernel_pointer);
    if (address >= arch::k_kernel_areas)
        return arch::translate(VirtAddr{address}).frame + address % k_page_size;
    return PhysAddr{address - arch::k_physical_map};
}

} // namespace os::memory
