// From the CPU's entry to the handler that the link step wrote into the table.
#include <syscall/syscall.hpp>

#include <arch/traps.hpp>
#include <foundation/errno.hpp>
#include <vocabulary/image_layout.hpp>

#include "unlinked.hpp"

extern "C" {
extern const vocabulary::SyscallEntry unik_syscalls[vocabulary::k_syscall_slots];
}

namespace os::syscall {
namespace {

void dispatch(arch::TrapFrame& frame) {
    SyscallArguments arguments{{frame.rdi, frame.rsi, frame.rdx, frame.r10, frame.r8, frame.r9},
                               &frame};
    const std::uint64_t number = frame.error_code;
    if (number < vocabulary::k_syscall_slots && unik_syscalls[number].handler != 0) [[likely]] {
        const auto handler = reinterpret_cast<SyscallHandler>(unik_syscalls[number].handler);
        frame.rax = static_cast<std::uint64_t>(handler(arguments));
        return;
    }
    static constexpr vocabulary::SyscallEntry nothing{};
    warn_unlinked(number, arguments,
                  number < vocabulary::k_syscall_slots ? unik_syscalls[number] : nothing);
    frame.rax = static_cast<std::uint64_t>(-static_cast<std::int64_t>(Errno::enosys));
}

} // namespace

Result<void> start() {
    arch::set_syscall_handler(&dispatch);
    return {};
}

} // namespace os::syscall
