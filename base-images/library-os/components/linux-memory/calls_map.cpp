// mmap, munmap, mprotect, mremap and brk.
#include <foundation/types.hpp>
#include <memory/address_space.hpp>
#include <syscall/syscall.hpp>
#include <vfs/file_table.hpp>

#include "protection.hpp"

namespace os::linux {

namespace {

using namespace linux_memory;
using memory::MapRequest;
using memory::Protection;

// linux/mman.h: MAP_*
constexpr std::uint64_t k_type_mask = 0x0f;
constexpr std::uint64_t k_shared = 0x01;
constexpr std::uint64_t k_private = 0x02;
constexpr std::uint64_t k_shared_validate = 0x03;
constexpr std::uint64_t k_fixed = 0x10;
constexpr std::uint64_t k_anonymous = 0x20;
constexpr std::uint64_t k_below_4g = 0x40;
constexpr std::uint64_t k_grows_down = 0x100;
constexpr std::uint64_t k_locked = 0x2000;
constexpr std::uint64_t k_no_reserve = 0x4000;
constexpr std::uint64_t k_populate = 0x8000;
constexpr std::uint64_t k_huge_pages = 0x40000;
constexpr std::uint64_t k_fixed_no_replace = 0x100000;
// What MAP_SHARED_VALIDATE lets pass for any file; MAP_UNINITIALIZED and huge pages' sizes too.
constexpr std::uint64_t k_validated = 0xfc000000 | k_fixed_no_replace | 0x7f9f0 | k_type_mask;

memory::Placement placement_of(std::uint64_t flags, std::uint64_t address) {
    if ((flags & k_fixed_no_replace) != 0)
        return memory::Placement::fixed_no_replace;
    if ((flags & k_fixed) != 0)
        return memory::Placement::fixed;
    return address == 0 ? memory::Placement::anywhere : memory::Placement::hint;
}

// What the descriptor has to be open for.
Result<void> add_file(MapRequest& request, int descriptor) {
    const Ref<vfs::File> file = UNIK_TRY(vfs::file_of(descriptor));
    request.may_write = request.sharing == memory::Sharing::private_copy || file->writable();
    if (!file->readable() ||
        (memory::has(request.protection, Protection::write) && !request.may_write))
        return Errno::eacces;
    request.pager = UNIK_TRY(request.sharing == memory::Sharing::shared
                                 ? file->shared_pager(request.protection, request.may_write)
                                 : file->pager());
    return {};
}

Result<memory::Sharing> sharing_of(std::uint64_t flags) {
    switch (flags & k_type_mask) {
    case k_shared:
    case k_shared_validate: return memory::Sharing::shared;
    case k_private: return memory::Sharing::private_copy;
    default: return Errno::einval;
    }
}

struct MapArguments {
    std::uint64_t address, size, protection, flags;
    int descriptor;
    std::uint64_t offset;
};

Result<MapRequest> map_request(const MapArguments& wanted) {
    const bool fixed = (wanted.flags & (k_fixed | k_fixed_no_replace)) != 0;
    if (wanted.size == 0 || wanted.offset % k_page_size != 0 ||
        (fixed && wanted.address % k_page_size != 0))
        return Errno::einval;
    const std::uint64_t size = align_up(wanted.size, k_page_size);
    if (size < wanted.size || wanted.offset + size < wanted.offset)
        return Errno::enomem;
    if ((wanted.flags & k_huge_pages) != 0)
        return Errno::enomem; // no pool of huge pages, as on a machine that set none aside
    MapRequest request;
    request.address = VirtAddr{align_down(wanted.address, k_page_size)};
    request.size = size;
    request.protection = UNIK_TRY(protection_of(wanted.protection));
    request.sharing = UNIK_TRY(sharing_of(wanted.flags));
    request.placement = placement_of(wanted.flags, request.address.value);
    request.below_4g = (wanted.flags & k_below_4g) != 0;
    request.no_reserve = (wanted.flags & k_no_reserve) != 0;
    request.populate = (wanted.flags & (k_populate | k_locked)) != 0;
    if ((wanted.flags & k_anonymous) != 0) {
        request.grows_down = (wanted.flags & k_grows_down) != 0;
        return request;
    }
    if ((wanted.flags & k_type_mask) == k_shared_validate && (wanted.flags & ~k_validated) != 0)
        return Errno::eopnotsupp;
    UNIK_TRY(add_file(request, wanted.descriptor));
    request.offset = wanted.offset;
    return request;
}

Result<std::uint64_t> map(const MapArguments& wanted) {
    const MapRequest request = UNIK_TRY(map_request(wanted));
    return UNIK_TRY(memory::map(request)).value;
}

Result<void> protect(std::uint64_t address, std::uint64_t size, std::uint64_t bits) {
    constexpr std::uint64_t k_growth = k_prot_grows_down | k_prot_grows_up;
    const std::uint64_t rounded = align_up(size, k_page_size);
    if (address % k_page_size != 0 || (bits & k_growth) == k_growth)
        return Errno::einval;
    if (rounded < size)
        return Errno::enomem;
    const Protection protection = UNIK_TRY(protection_of(bits & ~k_growth));
    return memory::protect(VirtAddr{address}, rounded, protection);
}

Result<void> unmap(std::uint64_t address, std::uint64_t size) {
    const std::uint64_t rounded = align_up(size, k_page_size);
    if (address % k_page_size != 0 || size == 0 || rounded < size)
        return Errno::einval;
    return memory::unmap(VirtAddr{address}, rounded);
}

struct RemapArguments {
    std::uint64_t address, old_size, new_size, flags, new_address;
};

Result<std::uint64_t> remap(const RemapArguments& wanted) {
    constexpr std::uint64_t k_may_move = 1; // MREMAP_*
    constexpr std::uint64_t k_move_to = 2;
    constexpr std::uint64_t k_keep_old = 4;
    const std::uint64_t old_size = align_up(wanted.old_size, k_page_size);
    const std::uint64_t new_size = align_up(wanted.new_size, k_page_size);
    const bool may_move = (wanted.flags & k_may_move) != 0;
    const bool moves_to = (wanted.flags & k_move_to) != 0;
    const bool keeps_old = (wanted.flags & k_keep_old) != 0;
    if (wanted.address % k_page_size != 0 || new_size == 0 || old_size < wanted.old_size ||
        new_size < wanted.new_size ||
        (wanted.flags & ~(k_may_move | k_move_to | k_keep_old)) != 0 ||
        ((moves_to || keeps_old) && !may_move) || (keeps_old && old_size != new_size) ||
        (moves_to && (wanted.new_address == 0 || wanted.new_address % k_page_size != 0)))
        return Errno::einval;
    const memory::RemapRequest request{.address = VirtAddr{wanted.address},
                                       .size = old_size,
                                       .new_size = new_size,
                                       .moving = may_move ? memory::Moving::allowed
                                                          : memory::Moving::refused,
                                       .target = VirtAddr{moves_to ? wanted.new_address : 0},
                                       .keeps_old = keeps_old};
    return UNIK_TRY(memory::remap(request)).value;
}

} // namespace

std::int64_t mmap(SyscallArguments& arguments) {
    return reply(map({.address = arguments.value[0],
                      .size = arguments.value[1],
                      .protection = arguments.value[2],
                      .flags = arguments.value[3],
                      .descriptor = arguments.as<int>(4),
                      .offset = arguments.value[5]}));
}

std::int64_t munmap(SyscallArguments& arguments) {
    return reply(unmap(arguments.value[0], arguments.value[1]));
}

std::int64_t mprotect(SyscallArguments& arguments) {
    return reply(protect(arguments.value[0], arguments.value[1], arguments.value[2]));
}

std::int64_t mremap(SyscallArguments& arguments) {
    return reply(remap({.address = arguments.value[0],
                        .old_size = arguments.value[1],
                        .new_size = arguments.value[2],
                        .flags = arguments.value[3],
                        .new_address = arguments.value[4]}));
}

std::int64_t brk(SyscallArguments& arguments) {
    return static_cast<std::int64_t>(memory::set_program_break(VirtAddr{arguments.value[0]}).value);
}

// Protection keys: answered as by a CPU without them.
std::int64_t pkey_alloc(SyscallArguments&) {
    return reply(Result<void>(Errno::enosys));
}

std::int64_t pkey_free(SyscallArguments&) {
    return reply(Result<void>(Errno::enosys));
}

std::int64_t pkey_mprotect(SyscallArguments& arguments) {
    if (arguments.as<int>(3) != -1)
        return reply(Result<void>(Errno::einval));
    return mprotect(arguments);
}

} // namespace os::linux
