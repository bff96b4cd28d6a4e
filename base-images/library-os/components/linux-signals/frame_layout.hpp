// What lies on the program's stack while a signal handler runs: Linux's struct rt_sigframe for
// x86-64 (arch/x86/include/uapi/asm/{sigcontext,ucontext}.h), from low to high addresses
//
//     return address     the restorer, which calls rt_sigreturn
//     ucontext           registers, alternate stack, mask
//     siginfo
//     …                  up to 64-byte alignment
//     FPU state          FXSAVE image, then the XSAVE header and the extended states
//     magic2             where the software-reserved bytes say that the extended state ends
#pragma once

#include <cstddef>
#include <cstdint>

#include <arch/trap_frame.hpp>
#include <linux-signals/signal_info.hpp>
#include <linux-signals/signal_set.hpp>

namespace os::linux_signals {

struct StackDescription { // stack_t
    std::uint64_t start = 0;
    std::int32_t flags = 0;
    std::int32_t padding = 0;
    std::uint64_t size = 0;
};
static_assert(sizeof(StackDescription) == 24);

inline constexpr std::int32_t k_stack_in_use = 1;   // SS_ONSTACK
inline constexpr std::int32_t k_stack_disabled = 2; // SS_DISABLE
inline constexpr std::int32_t k_stack_disarms = static_cast<std::int32_t>(1U << 31);

struct SignalContext { // struct sigcontext
    std::uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
    std::uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
    std::uint16_t cs, gs, fs, ss;
    std::uint64_t error_code, vector, old_mask, fault_address;
    std::uint64_t fpu_state; // address, or 0
    std::uint64_t reserved[8];
};
static_assert(sizeof(SignalContext) == 256);

struct UserContext { // struct ucontext
    std::uint64_t flags;
    std::uint64_t link;
    StackDescription stack;
    SignalContext registers;
    SignalSet mask;
};
static_assert(sizeof(UserContext) == 304);

inline constexpr std::uint64_t k_context_has_xstate = 1; // UC_FP_XSTATE
inline constexpr std::uint64_t k_context_saves_ss = 2;   // UC_SIGCONTEXT_SS
inline constexpr std::uint64_t k_context_strict_ss = 4;  // UC_STRICT_RESTORE_SS

struct SignalFrame {
    std::uint64_t return_address;
    UserContext context;
    SignalInfo info;
    std::uint8_t rest_of_info[k_program_info_size - sizeof(SignalInfo)];
};
static_assert(sizeof(SignalFrame) == 440 && offsetof(SignalFrame, info) == 312);

// In the last 48 bytes of the FXSAVE image.
struct FpuNote { // struct _fpx_sw_bytes
    std::uint32_t magic1;
    std::uint32_t extended_size; // with magic2
    std::uint64_t features;
    std::uint32_t state_size;
    std::uint32_t padding[7];
};
static_assert(sizeof(FpuNote) == 48);
inline constexpr std::size_t k_fpu_note_offset = 464;
inline constexpr std::size_t k_legacy_size = 512;
inline constexpr std::size_t k_xsave_header_size = 64;
inline constexpr std::uint32_t k_fpu_magic1 = 0x46505853;
inline constexpr std::uint32_t k_fpu_magic2 = 0x46505845;

// How Linux numbers the segment registers of a program; programs look at them now and then.
inline constexpr std::uint16_t k_shown_cs = 0x33;
inline constexpr std::uint16_t k_shown_ss = 0x2b;

// The flags a program may set by itself (Intel SDM volume 1, 3.4.3): CF PF AF ZF SF TF DF OF RF AC.
inline constexpr std::uint64_t k_program_flags = 0x50dd5;
inline constexpr std::uint64_t k_interrupts_on = 0x202; // IF, and the bit that is always set

// DF, TF and RF are off in a handler.
inline constexpr std::uint64_t k_flags_off_in_handler = 0x400 | 0x100 | 0x10000;

void store_registers(SignalContext& out, const arch::TrapFrame& frame);
void load_registers(arch::TrapFrame& frame, const SignalContext& in);

// Where everything goes, from the stack pointer that is free from here down.
struct FramePlace {
    std::uint64_t frame; // rsp of the handler
    std::uint64_t fpu_state;
    std::uint64_t end; // of all that is written
};
FramePlace place_frame(std::uint64_t stack_pointer, std::size_t fpu_size);

// Writes the note and magic2 around a saved state of `size` bytes.
void mark_fpu_state(std::uint8_t* state, std::size_t size, std::uint64_t features);
// Repairs what would make the CPU refuse a state that comes from the program; where the note is not
// as we wrote it, only the FXSAVE part counts, as in Linux.
void repair_fpu_state(std::uint8_t* state, std::size_t size, std::uint64_t features);

} // namespace os::linux_signals
