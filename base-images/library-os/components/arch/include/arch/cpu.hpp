// The CPU's own instructions under names: the one header with inline assembly.
#pragma once

#include <cstdint>

namespace os::arch {

inline void out8(std::uint16_t port, std::uint8_t value) {
    asm volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}
inline std::uint8_t in8(std::uint16_t port) {
    std::uint8_t value;
    asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}
inline void out16(std::uint16_t port, std::uint16_t value) {
    asm volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}
inline std::uint16_t in16(std::uint16_t port) {
    std::uint16_t value;
    asm volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}
inline void out32(std::uint16_t port, std::uint32_t value) {
    asm volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}
inline std::uint32_t in32(std::uint16_t port) {
    std::uint32_t value;
    asm volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

inline std::uint64_t read_msr(std::uint32_t index) {
    std::uint32_t low;
    std::uint32_t high;
    asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(index));
    return (static_cast<std::uint64_t>(high) << 32) | low;
}
inline void write_msr(std::uint32_t index, std::uint64_t value) {
    asm volatile("wrmsr"
                 :
                 : "c"(index), "a"(static_cast<std::uint32_t>(value)),
                   "d"(static_cast<std::uint32_t>(value >> 32))
                 : "memory");
}

struct CpuidLeaf {
    std::uint32_t eax, ebx, ecx, edx;
};
inline CpuidLeaf cpuid(std::uint32_t leaf, std::uint32_t subleaf = 0) {
    CpuidLeaf out{};
    asm volatile("cpuid"
                 : "=a"(out.eax), "=b"(out.ebx), "=c"(out.ecx), "=d"(out.edx)
                 : "a"(leaf), "c"(subleaf));
    return out;
}

// The CPU's random numbers (Intel SDM volume 1, 7.3.17); false when it has none or none just now.
inline bool random_number(std::uint64_t& out) {
    constexpr std::uint32_t has_rdrand = 1U << 30;
    if ((cpuid(1).ecx & has_rdrand) == 0)
        return false;
    bool ok;
    asm volatile("rdrand %0" : "=r"(out), "=@ccc"(ok));
    return ok;
}
inline bool random_seed(std::uint64_t& out) {
    constexpr std::uint32_t has_rdseed = 1U << 18;
    if (cpuid(0).eax < 7 || (cpuid(7).ebx & has_rdseed) == 0)
        return false;
    bool ok;
    asm volatile("rdseed %0" : "=r"(out), "=@ccc"(ok));
    return ok;
}

inline std::uint64_t read_tsc() {
    std::uint32_t low;
    std::uint32_t high;
    asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (static_cast<std::uint64_t>(high) << 32) | low;
}

// Between a store and a load of memory shared with a device: neither CPU nor host lets the load
// overtake the store. QEMU before 8.0 emulates one CPU without any barrier, although its devices
// run on another thread; reading the TSC takes a lock there, which is one, and costs little
// elsewhere.
inline void device_barrier() {
    asm volatile("mfence; rdtsc" : : : "rax", "rdx", "memory");
}

inline std::uint64_t read_cr2() {
    std::uint64_t value;
    asm volatile("mov %%cr2, %0" : "=r"(value));
    return value;
}
inline std::uint64_t read_cr3() {
    std::uint64_t value;
    asm volatile("mov %%cr3, %0" : "=r"(value));
    return value;
}
inline void write_cr3(std::uint64_t value) {
    asm volatile("mov %0, %%cr3" : : "r"(value) : "memory");
}
inline void invalidate_page(std::uint64_t address) {
    asm volatile("invlpg (%0)" : : "r"(address) : "memory");
}

inline std::uint64_t read_cr4() {
    std::uint64_t value;
    asm volatile("mov %%cr4, %0" : "=r"(value));
    return value;
}
inline void write_cr4(std::uint64_t value) {
    asm volatile("mov %0, %%cr4" : : "r"(value) : "memory");
}

// What lgdt and lidt take.
struct [[gnu::packed]] TablePointer {
    std::uint16_t limit;
    std::uint64_t base;
};
inline void load_descriptor_tables(const TablePointer& gdt, const TablePointer& idt,
                                   std::uint16_t task_selector) {
    asm volatile("lgdt %0; lidt %1; ltr %2" : : "m"(gdt), "m"(idt), "r"(task_selector) : "memory");
}

// Extended state (XSAVE), or with legacy hardware the FXSAVE area. 64-byte and 16-byte aligned.
inline void write_xcr0(std::uint64_t value) {
    asm volatile("xsetbv"
                 :
                 : "c"(0), "a"(static_cast<std::uint32_t>(value)),
                   "d"(static_cast<std::uint32_t>(value >> 32)));
}
inline void xsave(void* area, std::uint64_t mask) {
    asm volatile("xsave64 (%0)"
                 :
                 : "r"(area), "a"(static_cast<std::uint32_t>(mask)),
                   "d"(static_cast<std::uint32_t>(mask >> 32))
                 : "memory");
}
inline void xrstor(const void* area, std::uint64_t mask) {
    asm volatile("xrstor64 (%0)"
                 :
                 : "r"(area), "a"(static_cast<std::uint32_t>(mask)),
                   "d"(static_cast<std::uint32_t>(mask >> 32))
                 : "memory");
}
// What floating-point operations have run into, and which of that is masked.
inline std::uint16_t x87_status() {
    std::uint16_t value;
    asm volatile("fnstsw %0" : "=m"(value));
    return value;
}
inline std::uint16_t x87_control() {
    std::uint16_t value;
    asm volatile("fnstcw %0" : "=m"(value));
    return value;
}
inline std::uint32_t sse_status() {
    std::uint32_t value;
    asm volatile("stmxcsr %0" : "=m"(value));
    return value;
}
inline void fxsave(void* area) {
    asm volatile("fxsave64 (%0)" : : "r"(area) : "memory");
}
inline void fxrstor(const void* area) {
    asm volatile("fxrstor64 (%0)" : : "r"(area) : "memory");
}

// Counted port transfers of bytes, and of words of 16 bits.
inline void in8_repeated(std::uint16_t port, void* destination, std::uint64_t count) {
    asm volatile("rep insb" : "+D"(destination), "+c"(count) : "d"(port) : "memory");
}
inline void out8_repeated(std::uint16_t port, const void* source, std::uint64_t count) {
    asm volatile("rep outsb" : "+S"(source), "+c"(count) : "d"(port) : "memory");
}
inline void in16_repeated(std::uint16_t port, void* destination, std::uint64_t count) {
    asm volatile("rep insw" : "+D"(destination), "+c"(count) : "d"(port) : "memory");
}
inline void out16_repeated(std::uint16_t port, const void* source, std::uint64_t count) {
    asm volatile("rep outsw" : "+S"(source), "+c"(count) : "d"(port) : "memory");
}

inline std::uint64_t read_frame_pointer() {
    std::uint64_t value;
    asm volatile("mov %%rbp, %0" : "=r"(value));
    return value;
}
// An exception without an interrupt table resets the machine.
[[noreturn]] inline void triple_fault() {
    const TablePointer none{0, 0};
    for (;;)
        asm volatile("lidt %0; ud2" : : "m"(none));
}
[[noreturn]] inline void halt() {
    for (;;)
        asm volatile("cli; hlt");
}

inline std::uint64_t read_flags() {
    std::uint64_t flags;
    asm volatile("pushfq; popq %0" : "=r"(flags) : : "memory");
    return flags;
}
inline constexpr std::uint64_t k_interrupt_flag = 1ULL << 9;
inline void interrupts_on() {
    asm volatile("sti" : : : "memory");
}
inline void interrupts_off() {
    asm volatile("cli" : : : "memory");
}
// Sleeps until an interrupt; sti takes effect after the next instruction, so none is lost.
inline void interrupts_on_and_wait() {
    asm volatile("sti; hlt" : : : "memory");
}
inline void pause() {
    asm volatile("pause");
}

// Holds interrupts off for its lifetime; nests.
class InterruptGuard {
public:
    InterruptGuard() : flags_(read_flags()) { interrupts_off(); }
    InterruptGuard(const InterruptGuard&) = delete;
    InterruptGuard& operator=(const InterruptGuard&) = delete;
    ~InterruptGuard() {
        if ((flags_ & k_interrupt_flag) != 0)
            interrupts_on();
    }

private:
    std::uint64_t flags_;
};

} // namespace os::arch
