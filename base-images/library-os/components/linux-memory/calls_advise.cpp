// madvise, mincore, msync and the locking calls. Pages are never swapped out, so that locking has
// nothing to do.
#include <arch/paging.hpp>
#include <foundation/types.hpp>
#include <memory/address_space.hpp>
#include <syscall/syscall.hpp>

namespace os::linux {

namespace {

// asm-generic/mman-common.h: MADV_*
constexpr std::int32_t k_dont_need = 4;
constexpr std::int32_t k_free = 8;
constexpr std::int32_t k_remove = 9;
constexpr std::int32_t k_populate_read = 22;
constexpr std::int32_t k_populate_write = 23;
constexpr std::int32_t k_dont_need_locked = 24;
// normal, random, sequential, willneed, dontfork, dofork, mergeable, unmergeable, hugepage,
// nohugepage, dontdump, dodump, wipeonfork, keeponfork, cold, pageout: hints that change nothing
// here.
constexpr std::int32_t k_without_effect[] = {0,  1,  2,  3,  10, 11, 12, 13,
                                             14, 15, 16, 17, 18, 19, 20, 21};

struct Range {
    std::uint64_t start = 0;
    std::uint64_t size = 0;
};

Result<Range> whole_pages(std::uint64_t address, std::uint64_t size) {
    const std::uint64_t rounded = align_up(size, k_page_size);
    if (address % k_page_size != 0 || rounded < size || address + rounded < address)
        return Errno::einval;
    return Range{address, rounded};
}

// enomem: something in the range is not mapped.
Result<void> check_mapped(const Range& range) {
    for (std::uint64_t at = range.start; at < range.start + range.size;) {
        memory::AreaInfo area;
        if (!memory::find_area(VirtAddr{at}, area))
            return Errno::enomem;
        at = area.end.value;
    }
    return {};
}

Result<void> populate(const Range& range, memory::Access access) {
    UNIK_TRY(memory::check_program_range(VirtAddr{range.start}, range.size, access));
    for (std::uint64_t page = range.start; page < range.start + range.size; page += k_page_size)
        if (!arch::translate(VirtAddr{page}).present &&
            memory::resolve_fault(VirtAddr{page}, access) != memory::FaultOutcome::resolved)
            return Errno::efault;
    return {};
}

bool has_no_effect(std::int32_t advice) {
    for (const std::int32_t known : k_without_effect)
        if (known == advice)
            return true;
    return false;
}

Result<void> advise(std::uint64_t address, std::uint64_t size, std::int32_t advice) {
    const Range range = UNIK_TRY(whole_pages(address, size));
    if (range.size == 0)
        return {};
    switch (advice) {
    case k_dont_need:
    case k_free: // freeing at once is one of the times that the program allows
    case k_dont_need_locked:
        UNIK_TRY(check_mapped(range));
        return memory::discard(VirtAddr{range.start}, range.size);
    case k_populate_read: return populate(range, memory::Access::read);
    case k_populate_write: return populate(range, memory::Access::write);
    case k_remove: return Errno::eopnotsupp;
    default: break;
    }
    if (!has_no_effect(advice))
        return Errno::einval;
    return check_mapped(range);
}

Result<void> store_residence(std::uint64_t address, std::uint64_t size, std::uint64_t out_address) {
    const Range range = UNIK_TRY(whole_pages(address, size));
    UNIK_TRY(check_mapped(range));
    const Span<std::uint8_t> out =
        UNIK_TRY(memory::AppSpan<std::uint8_t>::writable(out_address, range.size / k_page_size));
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = arch::translate(VirtAddr{range.start + i * k_page_size}).present ? 1 : 0;
    return {};
}

// Shared file mappings are the file's own pages: there is nothing to write back.
Result<void> synchronise(std::uint64_t address, std::uint64_t size, std::uint64_t flags) {
    constexpr std::uint64_t k_async = 1; // MS_*
    constexpr std::uint64_t k_invalidate = 2;
    constexpr std::uint64_t k_sync = 4;
    constexpr std::uint64_t k_both = k_async | k_sync;
    if ((flags & ~(k_both | k_invalidate)) != 0 || (flags & k_both) == k_both)
        return Errno::einval;
    return check_mapped(UNIK_TRY(whole_pages(address, size)));
}

Result<void> lock(std::uint64_t address, std::uint64_t size) {
    const std::uint64_t start = align_down(address, k_page_size);
    return check_mapped(UNIK_TRY(whole_pages(start, size + (address - start))));
}

} // namespace

std::int64_t madvise(SyscallArguments& arguments) {
    return reply(advise(arguments.value[0], arguments.value[1], arguments.as<std::int32_t>(2)));
}

std::int64_t mincore(SyscallArguments& arguments) {
    return reply(store_residence(arguments.value[0], arguments.value[1], arguments.value[2]));
}

std::int64_t msync(SyscallArguments& arguments) {
    return reply(synchronise(arguments.value[0], arguments.value[1], arguments.value[2]));
}

std::int64_t mlock(SyscallArguments& arguments) {
    return reply(lock(arguments.value[0], arguments.value[1]));
}

std::int64_t mlock2(SyscallArguments& arguments) {
    return reply(lock(arguments.value[0], arguments.value[1]));
}

std::int64_t munlock(SyscallArguments& arguments) {
    return reply(lock(arguments.value[0], arguments.value[1]));
}

std::int64_t mlockall(SyscallArguments&) {
    return 0;
}

std::int64_t munlockall(SyscallArguments&) {
    return 0;
}

} // namespace os::linux
