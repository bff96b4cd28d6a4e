// FPU and vector registers: XSAVE where the CPU has it (Intel SDM volume 1, chapter 13), FXSAVE
// otherwise. The kernel itself never touches them.
#include <arch/context.hpp>
#include <arch/cpu.hpp>

#include "tables.hpp"

namespace os::arch {
namespace {

constexpr std::size_t k_legacy_size = 512; // the FXSAVE area
constexpr std::size_t k_xsave_header = 64;
constexpr std::uint64_t k_x87_and_sse = 0x3;
constexpr std::uint64_t k_avx = 0x4;
constexpr std::uint64_t k_avx512 = 0xe0;

constinit std::uint64_t g_components = 0; // XCR0; 0: no XSAVE
constinit std::size_t g_size = k_legacy_size;

std::uint64_t wanted_components() {
    const CpuidLeaf supported = cpuid(0xd, 0);
    std::uint64_t wanted = k_x87_and_sse;
    if ((supported.eax & k_avx) != 0)
        wanted |= k_avx;
    if ((wanted & k_avx) != 0 && (supported.eax & k_avx512) == k_avx512)
        wanted |= k_avx512;
    return wanted;
}

} // namespace

void enable_fpu() {
    constexpr std::uint32_t cpuid_xsave = 1U << 26;
    constexpr std::uint64_t cr4_osxsave = 1U << 18;
    if ((cpuid(1).ecx & cpuid_xsave) != 0) {
        write_cr4(read_cr4() | cr4_osxsave);
        g_components = wanted_components();
        write_xcr0(g_components);
        g_size = cpuid(0xd, 0).ebx; // for what XCR0 now enables
    }
    alignas(64) static constinit std::uint8_t initial[k_legacy_size + k_xsave_header] = {};
    fpu_initialise(initial);
    // Components whose XSTATE_BV bit is clear get their initial state, wherever their bytes lie.
    fpu_restore(initial);
}

std::size_t fpu_state_size() {
    return g_size;
}

std::uint64_t fpu_features() {
    return g_components;
}

void fpu_initialise(void* state) {
    const std::size_t header_end = k_legacy_size + (g_components != 0 ? k_xsave_header : 0);
    __builtin_memset(state, 0, header_end);
    constexpr std::uint16_t control_word = 0x37f;
    constexpr std::uint32_t mxcsr = 0x1f80;
    auto* bytes = static_cast<std::uint8_t*>(state);
    __builtin_memcpy(bytes, &control_word, sizeof(control_word));
    __builtin_memcpy(bytes + 24, &mxcsr, sizeof(mxcsr));
    if (g_components != 0) {
        // x87 and SSE come from the area, as it was just filled.
        constexpr std::uint64_t present = k_x87_and_sse;
        __builtin_memcpy(bytes + k_legacy_size, &present, sizeof(present));
    }
}

void fpu_save(void* state) {
    if (g_components != 0)
        xsave(state, g_components);
    else
        fxsave(state);
}

void fpu_restore(const void* state) {
    if (g_components != 0)
        xrstor(state, g_components);
    else
        fxrstor(state);
}

} // namespace os::arch
