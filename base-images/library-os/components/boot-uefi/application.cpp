// The EFI application that the kernel file is. It runs where the firmware has loaded it, in the
// firmware's identity mapping, and asks the firmware for all that the kernel wants to know; then it
// ends the boot services and enters the kernel. Runtime services are not kept.
//
// This file and those it calls are position-independent code (sources.cmake): addresses as linked
// appear only where they are given on, and where image data holds them.
#include <arch/cpu.hpp>
#include <arch/front_door.hpp>
#include <foundation/types.hpp>
#include <vocabulary/image_layout.hpp>

#include "console_line.hpp"
#include "firmware.hpp"
#include "hand_over.hpp"
#include "load_options.hpp"
#include "memory_map.hpp"

extern "C" {
extern std::uint8_t unik_kernel_start[] [[gnu::visibility("hidden")]];
extern std::uint8_t unik_kernel_end[] [[gnu::visibility("hidden")]];
extern const vocabulary::ImageHeader unik_image [[gnu::visibility("hidden")]];
// The addresses as linked of the image's start and of the front door.
extern const std::uint64_t unik_uefi_linked_start [[gnu::visibility("hidden")]];
extern const std::uint64_t unik_uefi_linked_front_door [[gnu::visibility("hidden")]];
UNIK_EFI_CALL os::boot_uefi::Status unik_uefi_entry(os::boot_uefi::Handle image,
                                                    const os::boot_uefi::SystemTable& system);
}

namespace os::boot_uefi {
namespace {

const char* image_name() {
    const std::uint64_t from_start = unik_image.name - unik_uefi_linked_start;
    return reinterpret_cast<const char*>(unik_kernel_start + from_start);
}

bool same(const Guid& a, const Guid& b) {
    const auto* left = reinterpret_cast<const std::uint8_t*>(&a);
    const auto* right = reinterpret_cast<const std::uint8_t*>(&b);
    for (unsigned i = 0; i < sizeof(Guid); ++i)
        if (left[i] != right[i])
            return false;
    return true;
}

// Of ACPI 2.0 or later if there is one (ACPI 6.5, 5.2.5.2); 0: none.
PhysAddr find_acpi_root(const SystemTable& system) {
    PhysAddr root;
    for (std::uint64_t i = 0; i < system.table_count; ++i) {
        const ConfigurationTable& table = system.tables[i];
        if (same(table.guid, k_acpi_2))
            return {table.table};
        if (same(table.guid, k_acpi_1))
            root = {table.table};
    }
    return root;
}

arch::Framebuffer find_framebuffer(const BootServices& services) {
    constexpr std::uint32_t k_blue_first = 1;
    constexpr std::uint32_t k_bytes_per_pixel = 4;
    void* interface = nullptr;
    if (failed(services.locate_protocol(&k_graphics_output, nullptr, &interface)))
        return {};
    const GraphicsOutput::Mode* mode = static_cast<const GraphicsOutput*>(interface)->mode;
    if (mode == nullptr || mode->information == nullptr || mode->information->format > k_blue_first)
        return {};
    arch::Framebuffer out;
    out.start = {mode->frame_buffer};
    out.size = mode->frame_buffer_size;
    out.width = mode->information->width;
    out.height = mode->information->height;
    out.pitch = mode->information->pixels_per_row * k_bytes_per_pixel;
    out.format = mode->information->format == k_blue_first ? arch::Framebuffer::Format::bgrx
                                                           : arch::Framebuffer::Format::rgbx;
    return out;
}

void find_command_line(const BootServices& services, Handle image, HandOver& out) {
    void* interface = nullptr;
    if (failed(services.handle_protocol(image, &k_loaded_image, &interface)))
        return;
    const auto* loaded = static_cast<const LoadedImage*>(interface);
    read_load_options(loaded->options, loaded->options_size, out.command_line,
                      sizeof(out.command_line));
}

// Zeroed pages; 0: the firmware has none.
Status allocate(const BootServices& services, MemoryType type, std::uint64_t size,
                std::uint64_t& start) {
    const std::uint64_t count = align_up(size, k_page_size) / k_page_size;
    return services.allocate_pages(AllocateType::any_pages, type, count, &start);
}

Status start(Handle image, const SystemTable& system, std::uint64_t entry_tsc) {
    const BootServices& services = *system.boot_services;
    Line()
        .text("unik: starting ")
        .text(image_name())
        .text("; its console is the first serial port")
        .show(system);
    services.set_watchdog_timer(0, 0, 0, nullptr);

    const auto image_size = static_cast<std::uint64_t>(unik_kernel_end - unik_kernel_start);
    arch::SparePages spare{.count = arch::spare_pages_for(image_size)};
    // Reserved: the kernel never takes it for memory that is free.
    Status status =
        allocate(services, MemoryType::reserved, spare.count * k_page_size, spare.start);
    if (failed(status))
        return refuse(system, "no memory is left for page tables; give the machine more", status);
    const std::uint64_t room = map_room(services);
    if (room == 0)
        return refuse(system, "the firmware does not tell its memory map", k_buffer_too_small);
    std::uint64_t place = 0;
    status = allocate(services, MemoryType::loader_data, sizeof(HandOver) + room, place);
    if (failed(status))
        return refuse(system, "no memory is left for the memory map; give the machine more",
                      status);
    auto& hand_over = *reinterpret_cast<HandOver*>(place);
    hand_over.acpi_root = find_acpi_root(system);
    hand_over.framebuffer = find_framebuffer(services);
    hand_over.command_line[0] = '\0';
    find_command_line(services, image, hand_over);
    hand_over.map.start = place + sizeof(HandOver);
    status = leave_firmware(services, image, room, hand_over.map);
    if (failed(status))
        return status; // its console may be gone
    arch::interrupts_off();
    unik_enter_image(place, unik_uefi_linked_front_door, entry_tsc, spare);
}

} // namespace
} // namespace os::boot_uefi

os::boot_uefi::Status unik_uefi_entry(os::boot_uefi::Handle image,
                                      const os::boot_uefi::SystemTable& system) {
    const std::uint64_t entry_tsc = os::arch::read_tsc();
    return os::boot_uefi::start(image, system, entry_tsc);
}
