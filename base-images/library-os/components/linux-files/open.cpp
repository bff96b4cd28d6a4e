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
                      std::uint32_t mode, vfs::ResolveRules rules = 0) {
    if (!path.ok())
        return path.error();
    Ref<vfs::File> file = UNIK_TRY(vfs::open(directory, path.value(), flags, mode, rules));
    return vfs::install(std::move(file), (flags & vfs::k_open_close_on_exec) != 0
                                             ? vfs::CloseOnExec::yes
                                             : vfs::CloseOnExec::no);
}

constexpr std::uint64_t k_cached_only = 0x20; // RESOLVE_CACHED: all names are in memory
constexpr std::uint64_t k_known_rules = 0x3f;
constexpr std::uint64_t k_scopes = vfs::k_resolve_beneath | vfs::k_resolve_in_root;

// What openat2 refuses and open lets pass.
bool makes_sense(const OpenHow& how) {
    constexpr std::uint64_t k_path_flags = vfs::k_open_path | vfs::k_open_directory |
                                           vfs::k_open_no_follow | vfs::k_open_close_on_exec;
    const bool makes_files = (how.flags & vfs::k_open_create) != 0 ||
                             (how.flags & vfs::k_open_temporary) == vfs::k_open_temporary;
    return (how.flags & ~k_known_flags) == 0 && (how.resolve & ~k_known_rules) == 0 &&
           (how.mode & ~std::uint64_t{vfs::k_mode_permissions}) == 0 &&
           (how.mode == 0 || makes_files) && (how.resolve & k_scopes) != k_scopes &&
           ((how.flags & vfs::k_open_path) == 0 || (how.flags & ~k_path_flags) == 0);
}

// A longer structure is of a later Linux; what is unknown there must be zero.
Result<OpenHow> load_how(std::uint64_t address, std::uint64_t size) {
    if (size < sizeof(OpenHow))
        return Errno::einval;
    if (size > k_page_size)
        return Errno::e2big;
    const auto bytes =
        UNIK_TRY(memory::AppSpan<std::uint8_t>::readable(address, static_cast<std::size_t>(size)));
    for (std::size_t i = sizeof(OpenHow); i < bytes.size(); ++i)
        if (bytes[i] != 0)
            return Errno::e2big;
    OpenHow how{};
    __builtin_memcpy(&how, bytes.data(), sizeof how);
    return how;
}

Result<int> open_how(const SyscallArguments& arguments) {
    const OpenHow how = UNIK_TRY(load_how(arguments.value[2], arguments.value[3]));
    if (!makes_sense(how))
        return Errno::einval;
    if ((how.resolve & k_cached_only) != 0 &&
        (how.flags & (vfs::k_open_create | vfs::k_open_truncate | vfs::k_open_temporary)) != 0)
        return Errno::eagain;
    return open_path(arguments.as<int>(0), path_argument(arguments, 1),
                     static_cast<std::uint32_t>(how.flags), static_cast<std::uint32_t>(how.mode),
                     how.resolve);
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
