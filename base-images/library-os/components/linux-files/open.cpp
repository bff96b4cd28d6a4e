// open and its variants.
#include <linux-files/paths.hpp>

namespace os::linux {

namespace {

// Bits that Linux knows; open ignores others, openat2 refuses them.
constexpr std::uint64_t k_known_flags = 037777703;

// struct open_how (linux/openat2.h).
struct OpenHow {
    std::uint64_t flags;
    std::uint64_t mode;
    std::uint64_t resolve;
};
static_assert(sizeof(OpenHow) == 24);

Result<int> open_path(int directory, Result<StringView> path, std::uint32_t flags,
                      std::uint32_t mode) {
    if (!path.ok())
        return path.error();
    Ref<vfs::File> file = UNIK_TRY(vfs::open(directory, path.value(), flags, mode));
    return vfs::install(std::move(file), (flags & vfs::k_open_close_on_exec) != 0
                                             ? vfs::CloseOnExec::yes
                                             : vfs::CloseOnExec::no);
}

// The rules of resolution (RESOLVE_BENEATH and so on) are not served: eagain and a retry without
// them would be wrong, so they are refused as on a kernel that does not know them.
Result<int> open_how(const SyscallArguments& arguments) {
    if (arguments.value[3] < sizeof(OpenHow))
        return Errno::einval;
    if (arguments.value[3] > sizeof(OpenHow))
        return Errno::e2big;
    const Span<const OpenHow> in_program =
        UNIK_TRY(memory::AppSpan<OpenHow>::readable(arguments.value[2], 1));
    const OpenHow how = in_program[0];
    if ((how.flags & ~k_known_flags) != 0 || how.resolve != 0 ||
        (how.mode & ~std::uint64_t{vfs::k_mode_permissions}) != 0)
        return Errno::einval;
    return open_path(arguments.as<int>(0), path_argument(arguments, 1),
                     static_cast<std::uint32_t>(how.flags), static_cast<std::uint32_t>(how.mode));
}

} // namespace

std::int64_t open(SyscallArguments& arguments) {
    return reply(open_path(vfs::k_at_working_directory, path_argument(arguments, 0),
                           arguments.as<std::uint32_t>(1), arguments.as<std::uint32_t>(2)));
}

std::int64_t openat(SyscallArguments& arguments) {
    return reply(open_path(arguments.as<int>(0), path_argument(arguments, 1),
                           arguments.as<std::uint32_t>(2), arguments.as<std::uint32_t>(3)));
}

std::int64_t openat2(SyscallArguments& arguments) {
    return reply(open_how(arguments));
}

std::int64_t creat(SyscallArguments& arguments) {
    return reply(open_path(vfs::k_at_working_directory, path_argument(arguments, 0),
                           vfs::k_open_write_only | vfs::k_open_create | vfs::k_open_truncate,
                           arguments.as<std::uint32_t>(1)));
}

} // namespace os::linux
