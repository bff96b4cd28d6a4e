// pipe and pipe2.
#include <linux-io/arguments.hpp>

#include "pipe.hpp"

namespace os::linux {

namespace {

Result<void> open_pipe(std::uint64_t address, std::uint32_t flags) {
    if ((flags & ~(vfs::k_open_non_blocking | vfs::k_open_close_on_exec)) != 0)
        return Errno::einval;
    const Span<int> out = UNIK_TRY(memory::AppSpan<int>::writable(address, 2));
    PipeEnds ends = UNIK_TRY(make_pipe(flags));
    const auto close_on_exec =
        (flags & vfs::k_open_close_on_exec) != 0 ? vfs::CloseOnExec::yes : vfs::CloseOnExec::no;
    const int reader = UNIK_TRY(vfs::install(std::move(ends.reader), close_on_exec));
    const Result<int> writer = vfs::install(std::move(ends.writer), close_on_exec);
    if (!writer.ok()) {
        (void)vfs::close(reader);
        return writer.error();
    }
    out[0] = reader;
    out[1] = writer.value();
    return {};
}

} // namespace

std::int64_t pipe(SyscallArguments& arguments) {
    return reply(open_pipe(arguments.value[0], 0));
}

std::int64_t pipe2(SyscallArguments& arguments) {
    return reply(open_pipe(arguments.value[0], arguments.as<std::uint32_t>(1)));
}

} // namespace os::linux
