#include <linux-io/arguments.hpp>
#include <memory/address_space.hpp>

#include "signal_file.hpp"

namespace os::linux {

namespace {

using linux_signals::SignalSet;

Result<int> open_or_change(const SyscallArguments& arguments, std::uint32_t flags) {
    constexpr std::uint32_t k_known = vfs::k_open_non_blocking | vfs::k_open_close_on_exec;
    if (arguments.value[2] != sizeof(SignalSet) || (flags & ~k_known) != 0)
        return Errno::einval;
    const auto wanted = UNIK_TRY(memory::AppSpan<SignalSet>::readable(arguments.value[1], 1))[0];
    const int descriptor = arguments.as<int>(0);
    if (descriptor != -1) {
        const Ref<vfs::File> file = UNIK_TRY(file_argument(arguments, 0));
        SignalFile* signals = SignalFile::from(*file);
        if (signals == nullptr)
            return Errno::einval;
        signals->set_wanted(wanted);
        return descriptor;
    }
    const bool closes = (flags & vfs::k_open_close_on_exec) != 0;
    return vfs::install(
        UNIK_TRY(try_make_ref<SignalFile>(wanted, flags & vfs::k_open_non_blocking)),
        closes ? vfs::CloseOnExec::yes : vfs::CloseOnExec::no);
}

} // namespace

std::int64_t signalfd(SyscallArguments& arguments) {
    return reply(open_or_change(arguments, 0));
}

std::int64_t signalfd4(SyscallArguments& arguments) {
    return reply(open_or_change(arguments, arguments.as<std::uint32_t>(3)));
}

} // namespace os::linux
