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
constexpr std::int32_t k_huge_page = 14;
constexpr std::int32_t k_no_huge_page = 15;
constexpr std::int32_t k_populate_read = 22;
constexpr std::int32_t k_populate_write = 23;
constexpr std::int32_t k_dont_need_locked = 24;
// normal, random, sequential, willneed, dontfork, dofork, mergeable, unmergeable, dontdump, dodump,
// wipeonfork, keeponfork, cold, pageout: hints that change nothing here.
constexpr std::int32_t k_without_effect[] = {0, 1, 2, 3, 10, 11, 12, 13, 16, 17, 18, 19, 20, 21};

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

// einval where the rights forbid it, efault where the file has ended.
Result<void> populate_part(VirtAddr page, memory::Access access) {
    if (arch::translate(page).present && access == memory::Access::read)
        return {};
    switch (memory::resolve_fault(page, access)) {
    case memory::FaultOutcome::resolved: return {};
    case memory::FaultOutcome::forbidden: return Errno::einval;
    case memory::FaultOutcome::pager_failed: return Errno::efault;
    default: return Errno::enomem;
    }
}

Result<void> populate(const Range& range, memory::Access access) {
    for (std::uint64_t page = range.start; page < range.start + range.size; page += k_page_size)
        UNIK_TRY(populate_part(VirtAddr{page}, access));
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
    const VirtAddr start{range.start};
    switch (advice) {
    case k_dont_need:
    case k_dont_need_locked: return memory::discard(start, range.size);
    // Freeing at once is one of the times that the program allows.
    case k_free: return memory::discard(start, range.size, memory::Discard::anonymous);
    case k_remove: return memory::discard(start, range.size, memory::Discard::contents);
    case k_huge_page:
        return memory::advise_large_pages(start, range.size, memory::LargePages::preferred);
    case k_no_huge_page:
        return memory::advise_large_pages(start, range.size, memory::LargePages::avoided);
    case k_populate_read: return populate(range, memory::Access::read);
    case k_populate_write: return populate(range, memory::Access::write);
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

Result<Range> around(std::uint64_t address, std::uint64_t size) {
    const std::uint64_t start = align_down(address, k_page_size);
    const Range range = UNIK_TRY(whole_pages(start, size + (address - start)));
    UNIK_TRY(check_mapped(range));
    return range;
}

// What can be accessed at all is there afterwards; memory that is hidden stays as it is.
Result<void> lock(std::uint64_t address, std::uint64_t size, std::uint64_t flags) {
    constexpr std::uint64_t k_on_fault = 1; // MLOCK_ONFAULT
    if ((flags & ~k_on_fault) != 0)
        return Errno::einval;
    const Range range = UNIK_TRY(around(address, size));
    if (flags == k_on_fault)
        return {};
    for (std::uint64_t at = range.start; at < range.start + range.size;) {
        memory::AreaInfo area;
        if (!memory::find_area(VirtAddr{at}, area))
            return Errno::enomem;
        const std::uint64_t end =
            area.end.value < range.start + range.size ? area.end.value : range.start + range.size;
        if (area.protection == memory::Protection::none)
            return Errno::enomem;
        UNIK_TRY(populate({at, end - at}, memory::has(area.protection, memory::Protection::write)
                                              ? memory::Access::write
                                              : memory::Access::read));
        at = end;
    }
    return {};
}

Result<void> unlock(std::uint64_t address, std::uint64_t size) {
    UNIK_TRY(around(address, size));
    return {};
}

Result<void> lock_all(std::uint64_t flags) {
    constexpr std::uint64_t k_current_and_future = 3; // MCL_*
    constexpr std::uint64_t k_all = 7;
    return (flags & k_current_and_future) != 0 && (flags & ~k_all) == 0 ? Result<void>()
                                                                        : Errno::einval;
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
    return reply(lock(arguments.value[0], arguments.value[1], 0));
}

std::int64_t mlock2(SyscallArguments& arguments) {
    return reply(lock(arguments.value[0], arguments.value[1], arguments.value[2]));
}

std::int64_t munlock(SyscallArguments& arguments) {
    return reply(unlock(arguments.value[0], arguments.value[1]));
}

std::int64_t mlockall(SyscallArguments& arguments) {
    return reply(lock_all(arguments.value[0]));
}

std::int64_t munlockall(SyscallArguments&) {
    return 0;
}

} // namespace os::linux
