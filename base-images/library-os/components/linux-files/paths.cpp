#include <linux-files/paths.hpp>

namespace os::linux {

Result<Named> named_argument(const SyscallArguments& arguments, unsigned directory_index,
                             unsigned path_index, std::uint32_t flags) {
    const int directory = arguments.as<int>(directory_index);
    const bool empty_allowed = (flags & k_at_empty_path) != 0;
    // Since Linux 6.11 a null path is an empty one here.
    StringView path;
    if (!empty_allowed || arguments.value[path_index] != 0)
        path = UNIK_TRY(path_argument(arguments, path_index));
    Named out;
    if (path.empty() && empty_allowed) {
        if (directory == vfs::k_at_working_directory)
            out.inode = UNIK_TRY(vfs::resolve(directory, "."));
        else
            out.file = UNIK_TRY(vfs::file_of(directory));
        return out;
    }
    out.inode = UNIK_TRY(
        vfs::resolve(directory, path,
                     (flags & k_at_no_follow) != 0 ? vfs::FollowLast::no : vfs::FollowLast::yes));
    return out;
}

} // namespace os::linux
