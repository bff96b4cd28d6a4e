// membarrier: with one CPU the system call itself is the barrier; what remains is the protocol.
#include <syscall/syscall.hpp>

namespace os::linux {

namespace {

// linux/membarrier.h. Each expedited command of the process itself needs its registration first.
enum Command : std::int32_t {
    query = 0,
    global = 1,
    global_expedited = 2,
    register_global_expedited = 4,
    private_expedited = 8,
    register_private_expedited = 16,
    private_expedited_sync_core = 32,
    register_private_expedited_sync_core = 64,
};
constexpr std::int32_t k_supported = 127;

constinit std::int32_t g_registered = 0;

Result<std::int64_t> pass(std::int32_t command, std::uint32_t flags) {
    const bool one = (command & (command - 1)) == 0;
    if (command < 0 || !one || (command & ~k_supported) != 0 || flags != 0)
        return Errno::einval;
    switch (command) {
    case query: return k_supported;
    case register_private_expedited:
    case register_private_expedited_sync_core: g_registered |= command; return 0;
    case private_expedited:
    case private_expedited_sync_core:
        if ((g_registered & command << 1) == 0)
            return Errno::eperm;
        return 0;
    default: return 0;
    }
}

} // namespace

std::int64_t membarrier(SyscallArguments& arguments) {
    return reply(pass(arguments.as<std::int32_t>(0), arguments.as<std::uint32_t>(1)));
}

} // namespace os::linux
