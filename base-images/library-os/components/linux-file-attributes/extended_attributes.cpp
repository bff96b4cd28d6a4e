// Extended attributes: no file system here keeps any, and programs take ENOTSUP for that.
#include <syscall/syscall.hpp>

namespace os::linux {

namespace {

std::int64_t not_supported() {
    return reply(Result<void>(Errno::eopnotsupp));
}

} // namespace

// clang-format off
std::int64_t getxattr(SyscallArguments&) { return not_supported(); }
std::int64_t lgetxattr(SyscallArguments&) { return not_supported(); }
std::int64_t fgetxattr(SyscallArguments&) { return not_supported(); }
std::int64_t listxattr(SyscallArguments&) { return not_supported(); }
std::int64_t llistxattr(SyscallArguments&) { return not_supported(); }
std::int64_t flistxattr(SyscallArguments&) { return not_supported(); }
std::int64_t setxattr(SyscallArguments&) { return not_supported(); }
std::int64_t lsetxattr(SyscallArguments&) { return not_supported(); }
std::int64_t fsetxattr(SyscallArguments&) { return not_supported(); }
std::int64_t removexattr(SyscallArguments&) { return not_supported(); }
std::int64_t lremovexattr(SyscallArguments&) { return not_supported(); }
std::int64_t fremovexattr(SyscallArguments&) { return not_supported(); }
// clang-format on

} // namespace os::linux
