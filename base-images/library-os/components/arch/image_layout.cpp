#include "image_layout.hpp"

extern "C" {
extern std::uint8_t unik_kernel_start[], unik_kernel_end[];
extern std::uint8_t unik_text_start[], unik_text_end[];
extern std::uint8_t unik_rodata_start[], unik_rodata_end[];
extern std::uint8_t unik_application_start[], unik_application_end[];
extern std::uint8_t unik_data_start[], unik_data_end[];
extern std::uint8_t unik_application_data_start[], unik_application_data_end[];
extern std::uint8_t unik_bss_start[], unik_bss_end[];
extern std::uint8_t unik_boot_stack_guard[];
}

namespace os::arch {
namespace {

constexpr PageFlags k_code{.executable = true};
constexpr PageFlags k_constant{};
constexpr PageFlags k_variable{.writable = true};

} // namespace

constinit const ImageLayout g_image_layout = {
    .start = unik_kernel_start,
    .end = unik_kernel_end,
    .stack_guard = unik_boot_stack_guard,
    .sections = {
        {unik_text_start, unik_text_end, k_code},
        {unik_rodata_start, unik_rodata_end, k_constant},
        {unik_application_start, unik_application_end, k_constant},
        {unik_data_start, unik_data_end, k_variable},
        {unik_application_data_start, unik_application_data_end, k_variable},
        {unik_bss_start, unik_bss_end, k_variable},
    }};

constinit std::uint64_t g_image_distance = 0;

PhysAddr image_physical(const volatile void* pointer) {
    return {reinterpret_cast<std::uint64_t>(pointer) - k_kernel_image + g_image_distance};
}

} // namespace os::arch
