// What lies where in the kernel's image, by addresses as linked, and where the image itself is.
#pragma once

#include <cstdint>

#include <arch/paging.hpp>

namespace os::arch {

struct ImageSection {
    const std::uint8_t* start;
    const std::uint8_t* end;
    PageFlags flags;
};

struct ImageLayout {
    static constexpr unsigned k_section_count = 6;
    const std::uint8_t* start;
    const std::uint8_t* end;
    const std::uint8_t* stack_guard; // a page that is not mapped
    ImageSection sections[k_section_count];
};
extern const ImageLayout g_image_layout [[gnu::visibility("hidden")]];

// How far from its linked place the image lies in physical memory.
extern std::uint64_t g_image_distance [[gnu::visibility("hidden")]];

// The image's entry in unik_image_pdpt: it has the GiB from k_kernel_image on.
inline constexpr unsigned k_image_entry = 510;

} // namespace os::arch
