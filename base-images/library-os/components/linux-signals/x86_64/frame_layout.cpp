#include "frame_layout.hpp"

#include <foundation/types.hpp>

namespace os::linux_signals {

namespace {

// SSE control bits that exist everywhere (Intel SDM volume 1, 10.2.3): 0 to 15.
constexpr std::uint32_t k_mxcsr_mask = 0xffff;
constexpr std::size_t k_mxcsr_offset = 24;
constexpr std::uint64_t k_legacy_features = 3; // x87, SSE

template <typename T>
T load(const std::uint8_t* bytes) {
    T value;
    __builtin_memcpy(&value, bytes, sizeof(T));
    return value;
}
template <typename T>
void store(std::uint8_t* bytes, T value) {
    __builtin_memcpy(bytes, &value, sizeof(T));
}

} // namespace

void store_registers(SignalContext& out, const arch::TrapFrame& frame) {
    out = {.r8 = frame.r8,
           .r9 = frame.r9,
           .r10 = frame.r10,
           .r11 = frame.r11,
           .r12 = frame.r12,
           .r13 = frame.r13,
           .r14 = frame.r14,
           .r15 = frame.r15,
           .rdi = frame.rdi,
           .rsi = frame.rsi,
           .rbp = frame.rbp,
           .rbx = frame.rbx,
           .rdx = frame.rdx,
           .rax = frame.rax,
           .rcx = frame.rcx,
           .rsp = frame.rsp,
           .rip = frame.rip,
           .rflags = frame.rflags,
           .cs = k_shown_cs,
           .gs = 0,
           .fs = 0,
           .ss = k_shown_ss,
           .error_code = 0,
           .vector = 0,
           .old_mask = 0,
           .fault_address = 0,
           .fpu_state = 0,
           .reserved = {}};
}

void load_registers(arch::TrapFrame& frame, const SignalContext& in) {
    frame.r8 = in.r8;
    frame.r9 = in.r9;
    frame.r10 = in.r10;
    frame.r11 = in.r11;
    frame.r12 = in.r12;
    frame.r13 = in.r13;
    frame.r14 = in.r14;
    frame.r15 = in.r15;
    frame.rdi = in.rdi;
    frame.rsi = in.rsi;
    frame.rbp = in.rbp;
    frame.rbx = in.rbx;
    frame.rdx = in.rdx;
    frame.rax = in.rax;
    frame.rcx = in.rcx;
    frame.rsp = in.rsp;
    frame.rip = in.rip;
    frame.rflags = (in.rflags & k_program_flags) | k_interrupts_on;
}

FramePlace place_frame(std::uint64_t stack_pointer, std::size_t fpu_size) {
    const std::uint64_t end = stack_pointer;
    const std::uint64_t fpu = align_down(end - fpu_size - sizeof(k_fpu_magic2), 64);
    // As after a call: the stack pointer is 8 below a multiple of 16.
    const std::uint64_t frame = align_down(fpu - sizeof(SignalFrame), 16) - 8;
    return {.frame = frame, .fpu_state = fpu, .end = end};
}

void mark_fpu_state(std::uint8_t* state, std::size_t size, std::uint64_t features) {
    const bool extended = size > k_legacy_size;
    const FpuNote note{.magic1 = extended ? k_fpu_magic1 : 0,
                       .extended_size = static_cast<std::uint32_t>(size + sizeof(k_fpu_magic2)),
                       .features = features,
                       .state_size = static_cast<std::uint32_t>(size),
                       .padding = {}};
    store(state + k_fpu_note_offset, note);
    store(state + size, k_fpu_magic2);
}

void repair_fpu_state(std::uint8_t* state, std::size_t size, std::uint64_t features) {
    store(state + k_mxcsr_offset, load<std::uint32_t>(state + k_mxcsr_offset) & k_mxcsr_mask);
    if (size < k_legacy_size + k_xsave_header_size)
        return;
    const FpuNote note = load<FpuNote>(state + k_fpu_note_offset);
    const bool sound = note.magic1 == k_fpu_magic1 && note.state_size == size;
    // XSTATE_BV; XCOMP_BV and the reserved bytes behind it must be zero for XRSTOR.
    std::uint8_t* header = state + k_legacy_size;
    const std::uint64_t present = load<std::uint64_t>(header);
    __builtin_memset(header, 0, k_xsave_header_size);
    store(header, sound ? present & features : k_legacy_features);
}

} // namespace os::linux_signals
