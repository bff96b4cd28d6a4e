// /proc/cpuinfo by CPUID (Intel SDM volume 2, CPUID).
#include <arch/cpu.hpp>
#include <clock/clock.hpp>

#include "texts.hpp"

namespace os::procfs {
namespace {

// CPUID: where each feature's bit stands, and Linux's word for it.
enum Register : std::uint8_t { in_eax, in_ebx, in_ecx, in_edx };
constexpr struct {
    std::uint32_t leaf;
    Register in;
    std::uint8_t bit;
    const char* name;
} k_features[] = {
    {1, in_edx, 0, "fpu"},
    {1, in_edx, 4, "tsc"},
    {1, in_edx, 5, "msr"},
    {1, in_edx, 6, "pae"},
    {1, in_edx, 8, "cx8"},
    {1, in_edx, 9, "apic"},
    {1, in_edx, 15, "cmov"},
    {1, in_edx, 19, "clflush"},
    {1, in_edx, 23, "mmx"},
    {1, in_edx, 24, "fxsr"},
    {1, in_edx, 25, "sse"},
    {1, in_edx, 26, "sse2"},
    {1, in_ecx, 0, "pni"},
    {1, in_ecx, 1, "pclmulqdq"},
    {1, in_ecx, 9, "ssse3"},
    {1, in_ecx, 12, "fma"},
    {1, in_ecx, 13, "cx16"},
    {1, in_ecx, 19, "sse4_1"},
    {1, in_ecx, 20, "sse4_2"},
    {1, in_ecx, 22, "movbe"},
    {1, in_ecx, 23, "popcnt"},
    {1, in_ecx, 25, "aes"},
    {1, in_ecx, 26, "xsave"},
    {1, in_ecx, 28, "avx"},
    {1, in_ecx, 29, "f16c"},
    {1, in_ecx, 30, "rdrand"},
    {1, in_ecx, 31, "hypervisor"},
    {7, in_ebx, 3, "bmi1"},
    {7, in_ebx, 5, "avx2"},
    {7, in_ebx, 8, "bmi2"},
    {7, in_ebx, 9, "erms"},
    {7, in_ebx, 16, "avx512f"},
    {7, in_ebx, 18, "rdseed"},
    {7, in_ebx, 19, "adx"},
    {7, in_ebx, 29, "sha_ni"},
    {7, in_ecx, 22, "rdpid"},
    {0x80000001, in_ecx, 0, "lahf_lm"},
    {0x80000001, in_ecx, 5, "abm"},
    {0x80000001, in_edx, 11, "syscall"},
    {0x80000001, in_edx, 20, "nx"},
    {0x80000001, in_edx, 27, "rdtscp"},
    {0x80000001, in_edx, 29, "lm"},
};

bool has_feature(std::uint32_t leaf, Register in, std::uint8_t bit) {
    if (leaf > arch::cpuid(leaf & 0x80000000).eax)
        return false;
    const arch::CpuidLeaf values = arch::cpuid(leaf);
    const std::uint32_t registers[] = {values.eax, values.ebx, values.ecx, values.edx};
    return (registers[in] >> bit & 1) != 0;
}

void copy_register(char*& out, std::uint32_t value) {
    __builtin_memcpy(out, &value, sizeof value);
    out += sizeof value;
}

void write_brand(TextWriter& out) {
    char brand[49] = {};
    char* place = brand;
    if (arch::cpuid(0x80000000).eax >= 0x80000004)
        for (std::uint32_t leaf = 0x80000002; leaf <= 0x80000004; ++leaf) {
            const arch::CpuidLeaf values = arch::cpuid(leaf);
            for (const std::uint32_t value : {values.eax, values.ebx, values.ecx, values.edx})
                copy_register(place, value);
        }
    out.add("model name\t: %s\n", brand);
}

} // namespace

void write_cpus(TextWriter& out) {
    const arch::CpuidLeaf vendor = arch::cpuid(0);
    char name[13] = {};
    char* place = name;
    for (const std::uint32_t value : {vendor.ebx, vendor.edx, vendor.ecx})
        copy_register(place, value);
    const std::uint32_t signature = arch::cpuid(1).eax;
    const std::uint32_t base_family = signature >> 8 & 0xf;
    const std::uint32_t family = base_family + (base_family == 15 ? signature >> 20 & 0xff : 0);
    const std::uint32_t model = (signature >> 4 & 0xf) | (signature >> 12 & 0xf0);
    // multiplier / 2^shift is nanoseconds per tick.
    const clock::TscParameters tsc = clock::tsc_parameters();
    const std::uint64_t megahertz =
        tsc.multiplier != 0 ? (1000ULL << tsc.shift) / tsc.multiplier : 0;
    out.add("processor\t: 0\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\n", name, family,
            model);
    write_brand(out);
    out.add("stepping\t: %u\ncpu MHz\t\t: %lu.000\nphysical id\t: 0\nsiblings\t: 1\n"
            "core id\t\t: 0\ncpu cores\t: 1\nfpu\t\t: yes\nflags\t\t:",
            signature & 0xf, megahertz);
    for (const auto& feature : k_features)
        if (has_feature(feature.leaf, feature.in, feature.bit))
            out.add(" %s", feature.name);
    out.add("\nclflush size\t: 64\ncache_alignment\t: 64\n\n");
}

} // namespace os::procfs
