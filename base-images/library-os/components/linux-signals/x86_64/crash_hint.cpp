#include "crash_hint.hpp"

#include <memory/address_space.hpp>

namespace os::linux_signals {

namespace {

constexpr std::uint64_t k_page_fault = 14;
constexpr std::uint64_t k_protection_fault = 13;
constexpr std::uint64_t k_null_pages = 0x10000;
constexpr std::uint64_t k_stack_reach = 1 << 20;

struct CodeName {
    int signal;
    int code;
    const char* name;
};
constexpr CodeName k_code_names[] = {
    {k_sigsegv, k_segv_unmapped, "SEGV_MAPERR"},      {k_sigsegv, k_segv_forbidden, "SEGV_ACCERR"},
    {k_sigbus, k_bus_alignment, "BUS_ADRALN"},        {k_sigbus, k_bus_missing, "BUS_ADRERR"},
    {k_sigfpe, k_fpe_integer_division, "FPE_INTDIV"}, {k_sigfpe, k_fpe_division, "FPE_FLTDIV"},
    {k_sigfpe, k_fpe_overflow, "FPE_FLTOVF"},         {k_sigfpe, k_fpe_underflow, "FPE_FLTUND"},
    {k_sigfpe, k_fpe_inexact, "FPE_FLTRES"},          {k_sigfpe, k_fpe_invalid, "FPE_FLTINV"},
    {k_sigill, k_ill_operand, "ILL_ILLOPN"},          {k_sigtrap, k_trap_breakpoint, "TRAP_BRKPT"},
    {k_sigtrap, k_trap_trace, "TRAP_TRACE"},
};

// The first area that begins above the address.
struct AreaAbove {
    std::uint64_t address;
    memory::AreaInfo area;
    bool found = false;
};
AreaAbove area_above(std::uint64_t address) {
    AreaAbove search{.address = address, .area = {}, .found = false};
    memory::for_each_area(
        [](const memory::AreaInfo& area, void* argument) {
            auto& wanted = *static_cast<AreaAbove*>(argument);
            if (!wanted.found && area.start.value > wanted.address) {
                wanted.area = area;
                wanted.found = true;
            }
        },
        &search);
    return search;
}

// The program went past the low end of the memory that its stack pointer was in.
bool is_stack_overflow(std::uint64_t address, std::uint64_t stack_pointer) {
    const std::uint64_t distance =
        address < stack_pointer ? stack_pointer - address : address - stack_pointer;
    if (distance > k_stack_reach)
        return false;
    memory::AreaInfo here;
    if (memory::find_area(VirtAddr{address}, here) && here.protection != memory::Protection::none)
        return false;
    const AreaAbove above = area_above(address);
    return above.found && memory::has(above.area.protection, memory::Protection::write) &&
           above.area.start.value - address <= k_stack_reach;
}

const char* segment_hint(const SignalInfo& info, const FaultRegisters& fault,
                         const arch::TrapFrame& frame) {
    const std::uint64_t address = info.fields[0];
    if (fault.vector == k_protection_fault)
        return "an address that no pointer can have, or an instruction that programs may not use";
    if (fault.vector == 0 && info.code == k_code_kernel)
        return "the stack has no room for the frame of a signal handler";
    if (fault.vector != k_page_fault)
        return nullptr;
    const FaultAccess access = access_of(fault);
    if (address < k_null_pages)
        return access == FaultAccess::execute ? "the program called a null function pointer"
                                              : "the program used a null pointer";
    if (access != FaultAccess::execute && is_stack_overflow(address, frame.rsp))
        return "stack overflow: recursion without end, or an array too large for the stack";
    memory::AreaInfo area;
    if (!memory::find_area(VirtAddr{address}, area))
        return nullptr;
    if (access == FaultAccess::execute)
        return "the program jumped into data (its stack or heap), which cannot be executed";
    if (access != FaultAccess::write || area.protection == memory::Protection::none)
        return nullptr;
    return memory::has(area.protection, memory::Protection::execute)
               ? "the program wrote to its own code, which is read-only"
               : "the program wrote to read-only data";
}

} // namespace

FaultAccess access_of(const FaultRegisters& fault) {
    constexpr std::uint64_t k_write = 2; // page-fault error code (Intel SDM volume 3, 4.7)
    constexpr std::uint64_t k_fetch = 16;
    if (fault.vector != k_page_fault)
        return FaultAccess::none;
    if ((fault.error_code & k_fetch) != 0)
        return FaultAccess::execute;
    return (fault.error_code & k_write) != 0 ? FaultAccess::write : FaultAccess::read;
}

const char* access_name(FaultAccess access) {
    constexpr const char* k_names[] = {"none", "read", "write", "execute"};
    return k_names[static_cast<unsigned>(access)];
}

const char* code_name(const SignalInfo& info) {
    for (const CodeName& entry : k_code_names)
        if (entry.signal == info.signal && entry.code == info.code)
            return entry.name;
    return "";
}

const char* crash_hint(const SignalInfo& info, const FaultRegisters& fault,
                       const arch::TrapFrame& frame) {
    switch (info.signal) {
    case k_sigsegv: return info.code > 0 ? segment_hint(info, fault, frame) : nullptr;
    case k_sigfpe:
        return info.code == k_fpe_integer_division
                   ? "the program divided an integer by zero, or the quotient does not fit"
                   : nullptr;
    case k_sigill: return "the program ran an instruction that this CPU does not have";
    case k_sigbus: return "a mapped file is shorter than the mapping, or could not be read";
    case k_sigabrt: return "the program gave up by itself (abort, a failed assertion)";
    case k_sigpipe:
        return "the program wrote to a connection or pipe that the other side has closed; a server "
               "should ignore SIGPIPE and handle EPIPE";
    default: return nullptr;
    }
}

} // namespace os::linux_signals
