// What we use of UEFI 2.10: the tables of sections 4.3, 4.4 and 4.6, the loaded image protocol
// (9.1), the graphics output protocol (12.9) and the memory map (7.2). Functions that we do not
// call are plain pointers. All is the firmware's, to be read at the addresses that it gives.
#pragma once

#include <cstddef>
#include <cstdint>

namespace os::boot_uefi {

#define UNIK_EFI_CALL __attribute__((ms_abi))

using Status = std::uint64_t;
using Handle = void*;

inline constexpr std::uint64_t k_error = 1ULL << 63;
inline constexpr Status k_success = 0;
inline constexpr Status k_invalid_parameter = k_error | 2;
inline constexpr Status k_buffer_too_small = k_error | 5;

inline bool failed(Status status) {
    return (status & k_error) != 0;
}

struct Guid {
    std::uint32_t first;
    std::uint16_t second;
    std::uint16_t third;
    std::uint8_t rest[8];
};
static_assert(sizeof(Guid) == 16);

struct TableHeader {
    std::uint64_t signature;
    std::uint32_t revision;
    std::uint32_t size;
    std::uint32_t checksum;
    std::uint32_t reserved;
};
static_assert(sizeof(TableHeader) == 24);

struct TextOutput {
    void* reset;
    Status(UNIK_EFI_CALL* output_string)(TextOutput* self, const char16_t* text);
};

enum class MemoryType : std::uint32_t {
    reserved = 0,
    loader_code = 1,
    loader_data = 2,
    boot_services_code = 3,
    boot_services_data = 4,
    conventional = 7,
    acpi_reclaimable = 9,
    acpi_nvs = 10,
};

enum class AllocateType : std::uint32_t { any_pages = 0 };

struct MemoryDescriptor {
    std::uint32_t type; // MemoryType
    std::uint32_t padding;
    std::uint64_t start;
    std::uint64_t virtual_start;
    std::uint64_t page_count;
    std::uint64_t attributes;
};
static_assert(sizeof(MemoryDescriptor) == 40);
inline constexpr std::uint64_t k_write_back = 0x8;
inline constexpr std::uint64_t k_specific_purpose = 0x40000;

struct BootServices {
    TableHeader header;
    void* raise_priority;
    void* restore_priority;
    Status(UNIK_EFI_CALL* allocate_pages)(AllocateType type, MemoryType memory, std::uint64_t count,
                                          std::uint64_t* address);
    Status(UNIK_EFI_CALL* free_pages)(std::uint64_t address, std::uint64_t count);
    Status(UNIK_EFI_CALL* get_memory_map)(std::uint64_t* size, void* map, std::uint64_t* key,
                                          std::uint64_t* descriptor_size,
                                          std::uint32_t* descriptor_version);
    void* pool[2];
    void* events[6];
    void* interfaces_1[3];
    Status(UNIK_EFI_CALL* handle_protocol)(Handle handle, const Guid* protocol, void** interface);
    void* interfaces_2[5];
    void* images[4];
    Status(UNIK_EFI_CALL* exit_boot_services)(Handle image, std::uint64_t map_key);
    void* next_monotonic_count;
    void* stall;
    Status(UNIK_EFI_CALL* set_watchdog_timer)(std::uint64_t seconds, std::uint64_t code,
                                              std::uint64_t data_size, const char16_t* data);
    void* controllers[2];
    void* protocols[3];
    void* locate[2];
    Status(UNIK_EFI_CALL* locate_protocol)(const Guid* protocol, void* registration,
                                           void** interface);
};
static_assert(offsetof(BootServices, get_memory_map) == 56);
static_assert(offsetof(BootServices, handle_protocol) == 152);
static_assert(offsetof(BootServices, exit_boot_services) == 232);
static_assert(offsetof(BootServices, set_watchdog_timer) == 256);
static_assert(offsetof(BootServices, locate_protocol) == 320);

struct ConfigurationTable {
    Guid guid;
    std::uint64_t table;
};

struct SystemTable {
    TableHeader header;
    const char16_t* vendor;
    std::uint32_t revision;
    Handle input_handle;
    void* input;
    Handle output_handle;
    TextOutput* output;
    Handle error_handle;
    TextOutput* error;
    void* runtime_services;
    BootServices* boot_services;
    std::uint64_t table_count;
    const ConfigurationTable* tables;
};
static_assert(offsetof(SystemTable, output) == 64);
static_assert(offsetof(SystemTable, boot_services) == 96);
static_assert(sizeof(SystemTable) == 120);

struct LoadedImage {
    std::uint32_t revision;
    Handle parent;
    const SystemTable* system;
    Handle device;
    void* file_path;
    void* reserved;
    std::uint32_t options_size; // bytes
    const char16_t* options;
};
static_assert(offsetof(LoadedImage, options) == 56);

struct GraphicsMode {
    std::uint32_t version;
    std::uint32_t width;
    std::uint32_t height;
    std::uint32_t format; // 0: red first, 1: blue first; others have no such frame buffer
    std::uint32_t masks[4];
    std::uint32_t pixels_per_row;
};

struct GraphicsOutput {
    void* functions[3];
    struct Mode {
        std::uint32_t count;
        std::uint32_t current;
        const GraphicsMode* information;
        std::uint64_t information_size;
        std::uint64_t frame_buffer;
        std::uint64_t frame_buffer_size;
    };
    const Mode* mode;
};
static_assert(offsetof(GraphicsOutput::Mode, frame_buffer) == 24);

inline constexpr Guid k_loaded_image = {
    0x5b1b31a1, 0x9562, 0x11d2, {0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b}};
inline constexpr Guid k_graphics_output = {
    0x9042a9de, 0x23dc, 0x4a38, {0x96, 0xfb, 0x7a, 0xde, 0xd0, 0x80, 0x51, 0x6a}};
inline constexpr Guid k_acpi_2 = {
    0x8868e871, 0xe4f1, 0x11d3, {0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81}};
inline constexpr Guid k_acpi_1 = {
    0xeb9d2d30, 0x2d88, 0x11d3, {0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d}};

} // namespace os::boot_uefi
