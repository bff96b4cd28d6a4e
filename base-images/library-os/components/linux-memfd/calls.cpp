// memfd_create. The files lie in a tmpfs that is mounted nowhere.
#include <foundation/immortal.hpp>
#include <linux-io/arguments.hpp>
#include <tmpfs/tmpfs.hpp>

#include "memory_file.hpp"

namespace os::linux {

namespace {

constexpr std::uint32_t k_close_on_exec = 1;
constexpr std::uint32_t k_allow_sealing = 2;
constexpr std::uint32_t k_large_file = 0100000; // O_LARGEFILE, which Linux sets on 64 bits

constinit Immortal<Ref<vfs::Inode>> g_root;

Result<Ref<vfs::Inode>> make_bytes() {
    if (!g_root.value)
        g_root.value = UNIK_TRY(tmpfs::make_root("memfd", 0700));
    return g_root.value->create_unnamed(vfs::k_mode_regular | 0777, vfs::Inode::Linkable::no);
}

// Huge pages (MFD_HUGETLB) are not set aside: einval, as for all that is not known.
Result<int> create(const SyscallArguments& arguments) {
    const std::uint32_t flags = arguments.as<std::uint32_t>(1);
    if ((flags & ~(k_close_on_exec | k_allow_sealing)) != 0)
        return Errno::einval;
    const Result<StringView> name =
        memory::program_string(arguments.value[0], k_longest_memory_name);
    if (!name.ok())
        return name.error() == Errno::enametoolong ? Errno::einval : name.error();
    const Ref<vfs::Inode> inode = UNIK_TRY(try_make_ref<MemoryFile>(
        UNIK_TRY(make_bytes()), name.value(), (flags & k_allow_sealing) != 0 ? 0 : k_seal_seal));
    return vfs::install(UNIK_TRY(inode->open(vfs::k_open_read_write | k_large_file)),
                        (flags & k_close_on_exec) != 0 ? vfs::CloseOnExec::yes
                                                       : vfs::CloseOnExec::no);
}

} // namespace

std::int64_t memfd_create(SyscallArguments& arguments) {
    return reply(create(arguments));
}

} // namespace os::linux
