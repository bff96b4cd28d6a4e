// From the CPU's entry to the handler that the link step wrote into the table.
#include <syscall/syscall.hpp>

#include <arch/traps.hpp>
#include <foundation/errno.hpp>
#include <vocabulary/image_layout.hpp>

#include "unlinked.hpp"

extern "C" {
extern const vocabulary::ImageHeader unik_image;
extern const vocabulary::SyscallHandlerWord unik_syscalls[];
extern const char unik_syscall_names[];
}

namespace os::syscall {
namespace {

void dispatch(arch::TrapFrame& frame) {
    SyscallArguments arguments{{frame.rdi, frame.rsi, frame.rdx, frame.r10, frame.r8, frame.r9},
                               &frame};
    const std::uint64_t number = frame.error_code;
    if (number < unik_image.syscall_count && unik_syscalls[number] != 0) [[likely]] {
        constexpr std::uint64_t high_half = 0xffffffff00000000;
        const auto handler = reinterpret_cast<SyscallHandler>(high_half | unik_syscalls[number]);
        frame.rax = static_cast<std::uint64_t>(handler(arguments));
        return;
    }
    warn_unlinked(number, arguments,
                  find_call({.text = unik_syscall_names,
                             .provider_count = unik_image.syscall_provider_count,
                             .name_count = unik_image.syscall_name_count},
                            number));
    frame.rax = static_cast<std::uint64_t>(-static_cast<std::int64_t>(Errno::enosys));
}

} // namespace

Result<void> start() {
    arch::set_syscall_handler(&dispatch);
    return {};
}

} // namespace os::syscall
