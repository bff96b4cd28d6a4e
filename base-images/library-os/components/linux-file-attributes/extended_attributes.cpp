// Extended attributes: no file system here keeps any. Asking for one or setting one is ENOTSUP, a
// list is empty, as with Linux's file systems that have none; a missing file is told as such.
#include <linux-files/paths.hpp>

namespace os::linux {

namespace {

enum class Names { by_path, by_link, by_descriptor };

template <Names names>
Result<void> check_file(const SyscallArguments& arguments) {
    if constexpr (names == Names::by_descriptor) {
        UNIK_TRY(file_argument(arguments, 0));
    } else {
        UNIK_TRY(
            vfs::resolve(vfs::k_at_working_directory, UNIK_TRY(path_argument(arguments, 0)),
                         names == Names::by_path ? vfs::FollowLast::yes : vfs::FollowLast::no));
    }
    return {};
}

// Getting, setting and removing.
template <Names names>
std::int64_t refuse(const SyscallArguments& arguments) {
    const Result<void> file = check_file<names>(arguments);
    return reply(file.ok() ? Result<void>(Errno::eopnotsupp) : file);
}

template <Names names>
std::int64_t list_none(const SyscallArguments& arguments) {
    return reply(check_file<names>(arguments));
}

} // namespace

// clang-format off
std::int64_t getxattr(SyscallArguments& call) { return refuse<Names::by_path>(call); }
std::int64_t lgetxattr(SyscallArguments& call) { return refuse<Names::by_link>(call); }
std::int64_t fgetxattr(SyscallArguments& call) { return refuse<Names::by_descriptor>(call); }
std::int64_t listxattr(SyscallArguments& call) { return list_none<Names::by_path>(call); }
std::int64_t llistxattr(SyscallArguments& call) { return list_none<Names::by_link>(call); }
std::int64_t flistxattr(SyscallArguments& call) { return list_none<Names::by_descriptor>(call); }
std::int64_t setxattr(SyscallArguments& call) { return refuse<Names::by_path>(call); }
std::int64_t lsetxattr(SyscallArguments& call) { return refuse<Names::by_link>(call); }
std::int64_t fsetxattr(SyscallArguments& call) { return refuse<Names::by_descriptor>(call); }
std::int64_t removexattr(SyscallArguments& call) { return refuse<Names::by_path>(call); }
std::int64_t lremovexattr(SyscallArguments& call) { return refuse<Names::by_link>(call); }
std::int64_t fremovexattr(SyscallArguments& call) { return refuse<Names::by_descriptor>(call); }
// clang-format on

} // namespace os::linux
