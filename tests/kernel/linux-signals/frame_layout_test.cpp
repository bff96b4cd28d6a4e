// The layout against the host's C library, which describes Linux's.
#include "linux-signals/frame_layout.hpp"

#include <csignal>
#include <cstring>
#include <string>
#include <vector>

#include <sys/ucontext.h>
#include <ucontext.h>

#include <doctest/doctest.h>

#include "linux-signals/actions.hpp"

namespace {

using namespace os::linux_signals;

template <typename T>
T at(const void* base, std::size_t offset) {
    T value;
    std::memcpy(&value, static_cast<const char*>(base) + offset, sizeof(T));
    return value;
}

constexpr std::size_t register_offset(int index) {
    return offsetof(ucontext_t, uc_mcontext) + static_cast<std::size_t>(index) * 8;
}

os::arch::TrapFrame numbered_frame() {
    os::arch::TrapFrame frame{};
    auto* words = reinterpret_cast<std::uint64_t*>(&frame);
    for (std::size_t i = 0; i < sizeof(frame) / 8; ++i)
        words[i] = 1000 + i;
    return frame;
}

} // namespace

TEST_CASE("the context's members lie where the C library looks for them") {
    CHECK(offsetof(UserContext, stack) == offsetof(ucontext_t, uc_stack));
    CHECK(offsetof(UserContext, registers) == offsetof(ucontext_t, uc_mcontext));
    CHECK(offsetof(UserContext, mask) == offsetof(ucontext_t, uc_sigmask));
    CHECK(offsetof(UserContext, registers) + offsetof(SignalContext, fpu_state) ==
          offsetof(ucontext_t, uc_mcontext.fpregs));
    CHECK(sizeof(StackDescription) == sizeof(stack_t));
    CHECK(k_program_info_size == sizeof(siginfo_t));
}

TEST_CASE("registers are stored under the C library's names") {
    const os::arch::TrapFrame frame = numbered_frame();
    UserContext context{};
    store_registers(context.registers, frame);
    CHECK(at<std::uint64_t>(&context, register_offset(REG_R8)) == frame.r8);
    CHECK(at<std::uint64_t>(&context, register_offset(REG_R15)) == frame.r15);
    CHECK(at<std::uint64_t>(&context, register_offset(REG_RDI)) == frame.rdi);
    CHECK(at<std::uint64_t>(&context, register_offset(REG_RBP)) == frame.rbp);
    CHECK(at<std::uint64_t>(&context, register_offset(REG_RBX)) == frame.rbx);
    CHECK(at<std::uint64_t>(&context, register_offset(REG_RAX)) == frame.rax);
    CHECK(at<std::uint64_t>(&context, register_offset(REG_RCX)) == frame.rcx);
    CHECK(at<std::uint64_t>(&context, register_offset(REG_RSP)) == frame.rsp);
    CHECK(at<std::uint64_t>(&context, register_offset(REG_RIP)) == frame.rip);
    CHECK(at<std::uint64_t>(&context, register_offset(REG_EFL)) == frame.rflags);
}

TEST_CASE("what is stored comes back, but for privileged flags") {
    os::arch::TrapFrame frame = numbered_frame();
    frame.rflags = 0x202 | 0x1 | 0x40;
    SignalContext saved{};
    store_registers(saved, frame);
    saved.rflags |= 0x3000 | 0x4000 | 0x100000; // IOPL, NT, VIP: not the program's
    os::arch::TrapFrame restored{};
    load_registers(restored, saved);
    CHECK(restored.rip == frame.rip);
    CHECK(restored.rsp == frame.rsp);
    CHECK(restored.r11 == frame.r11);
    CHECK(restored.rcx == frame.rcx);
    CHECK(restored.rflags == frame.rflags);
    saved.rflags = 0;
    load_registers(restored, saved);
    CHECK(restored.rflags == 0x202);
}

TEST_CASE("frames are aligned as the ABI wants, and nothing overlaps") {
    for (const std::size_t fpu_size : {512UL, 832UL, 2696UL})
        for (std::uint64_t top = 0x7fff0000; top < 0x7fff0000 + 80; ++top) {
            const FramePlace place = place_frame(top, fpu_size);
            CHECK((place.frame + 8) % 16 == 0);
            CHECK(place.fpu_state % 64 == 0);
            CHECK(place.frame + sizeof(SignalFrame) <= place.fpu_state);
            CHECK(place.fpu_state + fpu_size + 4 <= place.end);
            CHECK(place.end <= top);
        }
}

TEST_CASE("a saved state carries Linux's marks and survives its repair") {
    constexpr std::size_t k_size = 832;
    constexpr std::uint64_t k_features = 7;
    std::vector<std::uint8_t> state(k_size + 4);
    state[512] = 7; // XSTATE_BV
    mark_fpu_state(state.data(), k_size, k_features);
    CHECK(at<std::uint32_t>(state.data(), 464) == k_fpu_magic1);
    CHECK(at<std::uint32_t>(state.data(), 468) == k_size + 4);
    CHECK(at<std::uint32_t>(state.data(), k_size) == k_fpu_magic2);
    repair_fpu_state(state.data(), k_size, k_features);
    CHECK(at<std::uint64_t>(state.data(), 512) == 7);
}

TEST_CASE("a state that the CPU would refuse is repaired") {
    constexpr std::size_t k_size = 832;
    std::vector<std::uint8_t> state(k_size + 4, 0xff);
    mark_fpu_state(state.data(), k_size, 7);
    repair_fpu_state(state.data(), k_size, 7);
    CHECK(at<std::uint32_t>(state.data(), 24) == 0xffff); // MXCSR without reserved bits
    CHECK(at<std::uint64_t>(state.data(), 512) == 7);
    for (std::size_t i = 520; i < 576; ++i)
        CHECK(state[i] == 0);
}

TEST_CASE("without our note only the FXSAVE part counts") {
    constexpr std::size_t k_size = 832;
    std::vector<std::uint8_t> state(k_size + 4, 0xff);
    repair_fpu_state(state.data(), k_size, 7);
    CHECK(at<std::uint64_t>(state.data(), 512) == 3);
}

TEST_CASE("an FXSAVE image is left at its size") {
    std::vector<std::uint8_t> state(512, 0xff);
    repair_fpu_state(state.data(), state.size(), 0);
    CHECK(at<std::uint32_t>(state.data(), 24) == 0xffff);
}

TEST_CASE("default actions are those of signal(7)") {
    CHECK(default_action(k_sigterm) == DefaultAction::end);
    CHECK(default_action(k_sigpipe) == DefaultAction::end);
    CHECK(default_action(50) == DefaultAction::end);
    CHECK(default_action(k_sigsegv) == DefaultAction::end_with_report);
    CHECK(default_action(k_sigabrt) == DefaultAction::end_with_report);
    CHECK(default_action(k_sigchld) == DefaultAction::ignore);
    CHECK(default_action(k_sigwinch) == DefaultAction::ignore);
    CHECK(default_action(k_sigtstp) == DefaultAction::stop);
}

TEST_CASE("signal numbers and names are the host's") {
    CHECK(k_sigsegv == SIGSEGV);
    CHECK(k_sigsys == SIGSYS);
    CHECK(k_sigprof == SIGPROF);
    for (int signal = 1; signal < k_first_real_time; ++signal)
        if (signal != SIGIO) // which glibc calls SIGPOLL
            CHECK(std::string(signal_name(signal)) == std::string("SIG") + sigabbrev_np(signal));
}
