// Page tables (Intel SDM volume 3, 4.5): walking, mapping, splitting and freeing them.
#include <arch/paging.hpp>

#include <arch/cpu.hpp>

#include "table_entries.hpp"

namespace os::arch {
namespace {

// Tables for the time before `memory` gives an allocator: the kernel image's own, and those of
// memory and devices that early steps look at. What is left of them is used up later.
constexpr unsigned k_early_tables = 10;
alignas(k_page_size) constinit std::uint64_t g_early_tables[k_early_tables][k_entries] = {};
constinit unsigned g_early_tables_used = 0;
constinit TableAllocator g_allocator = {nullptr, nullptr};

Result<PhysAddr> allocate_table() {
    if (g_early_tables_used < k_early_tables)
        return image_physical(g_early_tables[g_early_tables_used++]);
    if (g_allocator.allocate == nullptr)
        return Errno::enomem;
    return g_allocator.allocate();
}

bool is_early_table(PhysAddr table) {
    const PhysAddr first = image_physical(g_early_tables);
    return table >= first && table < first + sizeof(g_early_tables);
}

std::uint64_t* table_at(std::uint64_t entry) {
    return static_cast<std::uint64_t*>(physical_pointer(PhysAddr{entry & k_address_mask}));
}

// The bytes that one entry of this level spans.
constexpr std::uint64_t span_of(unsigned level) {
    return 1ULL << (12 + 9 * (level - 1));
}

// One for each large page of the program's, for the day it is split. Each holds the next one's
// entry in its first word.
constinit std::uint64_t g_spare_tables = 0;

void keep_spare_table(std::uint64_t table) {
    *table_at(table) = g_spare_tables;
    g_spare_tables = table;
}

Result<PhysAddr> table_to_split(std::uint64_t address) {
    if (address >= k_program_top || g_spare_tables == 0)
        return allocate_table();
    const PhysAddr table{g_spare_tables & k_address_mask};
    g_spare_tables = *table_at(g_spare_tables);
    return table;
}

// Replaces the 2 MiB page around the address by a table of 4 KiB pages with the same rights.
Result<void> split(std::uint64_t& entry, std::uint64_t address) {
    const PhysAddr table = UNIK_TRY(table_to_split(address));
    auto* pages = static_cast<std::uint64_t*>(physical_pointer(table));
    const std::uint64_t base = entry & k_address_mask & ~(k_large_page_size - 1);
    const std::uint64_t rights = entry & ~k_address_mask & ~k_large;
    for (unsigned i = 0; i < k_entries; ++i)
        pages[i] = (base + i * k_page_size) | rights;
    entry = table.value | k_present | k_write;
    invalidate_page(address);
    return {};
}

// The entry of this level for the address; tables on the way are made.
Result<std::uint64_t*> entry_for(std::uint64_t address, unsigned wanted_level) {
    std::uint64_t* table = unik_boot_pml4;
    for (unsigned level = k_root_level; level > wanted_level; --level) {
        std::uint64_t& entry = table[index_of(address, level)];
        if ((entry & k_present) == 0)
            entry = UNIK_TRY(allocate_table()).value | k_present | k_write;
        else if ((entry & k_large) != 0)
            UNIK_TRY(split(entry, address));
        table = table_at(entry);
    }
    return &table[index_of(address, wanted_level)];
}

struct Leaf {
    std::uint64_t* entry = nullptr; // null: nothing mapped
    unsigned level = 0;
};

Leaf find_leaf(std::uint64_t address) {
    std::uint64_t* table = unik_boot_pml4;
    for (unsigned level = k_root_level;; --level) {
        std::uint64_t& entry = table[index_of(address, level)];
        if (entry == 0)
            return {};
        if (level == k_table_level || (entry & k_large) != 0)
            return {&entry, level};
        table = table_at(entry);
    }
}

// That of a 4 KiB page of the program's; a large one around it is split. Null: there is none.
std::uint64_t* find_page(std::uint64_t address) {
    Leaf leaf = find_leaf(address);
    if (leaf.entry != nullptr && leaf.level == k_directory_level && address < k_program_top &&
        split(*leaf.entry, address).ok())
        leaf = find_leaf(address);
    return leaf.level == k_table_level ? leaf.entry : nullptr;
}

Translation describe(const Leaf& leaf, std::uint64_t address) {
    if (leaf.entry == nullptr)
        return {};
    const std::uint64_t entry = *leaf.entry;
    const std::uint64_t inside = align_down(address & (span_of(leaf.level) - 1), k_page_size);
    const std::uint64_t base = entry & k_address_mask & ~(span_of(leaf.level) - 1);
    return {.present = (entry & k_present) != 0,
            .held = (entry & k_present) == 0,
            .frame = PhysAddr{base + inside},
            .writable = (entry & k_write) != 0,
            .executable = (entry & k_no_execute) == 0,
            .dirty = (entry & k_dirty) != 0,
            .lent = (entry & k_lent) != 0};
}

bool all_zero(const std::uint64_t* table) {
    for (unsigned i = 0; i < k_entries; ++i)
        if (table[i] != 0)
            return false;
    return true;
}

// Frees the empty tables below `table` (of `level`) that lie within [start, end).
void free_empty_below(std::uint64_t* table, unsigned level, std::uint64_t start,
                      std::uint64_t end) {
    for (std::uint64_t address = start; address < end;
         address = align_down(address, span_of(level)) + span_of(level)) {
        std::uint64_t& entry = table[index_of(address, level)];
        if ((entry & k_present) == 0 || (entry & k_large) != 0)
            continue;
        std::uint64_t* below = table_at(entry);
        const std::uint64_t next = align_down(address, span_of(level)) + span_of(level);
        if (level > k_directory_level)
            free_empty_below(below, level - 1, address, next < end ? next : end);
        const PhysAddr frame{entry & k_address_mask};
        if (!all_zero(below) || is_early_table(frame))
            continue;
        entry = 0;
        g_allocator.free(frame);
    }
}

} // namespace

void set_table_allocator(TableAllocator allocator) {
    g_allocator = allocator;
}

Result<void> map_page(VirtAddr page, PhysAddr frame, PageFlags flags) {
    std::uint64_t* entry = UNIK_TRY(entry_for(page.value, k_table_level));
    const std::uint64_t before = *entry;
    *entry = (frame.value & k_address_mask) | leaf_bits(flags);
    if ((before & k_present) != 0)
        invalidate_page(page.value);
    return {};
}

Result<void> map_large_page(VirtAddr page, PhysAddr frame, PageFlags flags) {
    std::uint64_t* entry = UNIK_TRY(entry_for(page.value, k_directory_level));
    const std::uint64_t before = *entry;
    if (page.value < k_program_top) {
        const bool has_table = (before & k_present) != 0 && (before & k_large) == 0;
        keep_spare_table(has_table ? before : UNIK_TRY(allocate_table()).value);
    }
    *entry = (frame.value & k_address_mask) | leaf_bits(flags) | k_large;
    if ((before & k_present) != 0)
        invalidate_page(page.value);
    return {};
}

void protect_page(VirtAddr page, PageFlags flags) {
    std::uint64_t* entry = find_page(page.value);
    if (entry == nullptr)
        return;
    const std::uint64_t before = *entry;
    *entry = (before & (k_address_mask | k_dirty)) | leaf_bits(flags);
    if ((before & k_present) != 0)
        invalidate_page(page.value);
}

Translation translate(VirtAddr address) {
    return describe(find_leaf(address.value), address.value);
}

Translation unmap_page(VirtAddr page) {
    std::uint64_t* entry = find_page(page.value);
    if (entry == nullptr)
        return {};
    const Translation before = describe({entry, k_table_level}, page.value);
    *entry = 0;
    if (before.present)
        invalidate_page(page.value);
    return before;
}

VirtAddr next_page(VirtAddr from, VirtAddr end) {
    std::uint64_t at = from.value;
    while (at < end.value) {
        const std::uint64_t* table = unik_boot_pml4;
        unsigned level = k_root_level;
        std::uint64_t entry = table[index_of(at, level)];
        while (level > k_table_level && (entry & k_present) != 0 && (entry & k_large) == 0) {
            table = table_at(entry);
            entry = table[index_of(at, --level)];
        }
        if (level == k_table_level) {
            // The rest of this table, without walking down again.
            const std::uint64_t table_end =
                align_down(at, span_of(k_directory_level)) + span_of(k_directory_level);
            while (table[index_of(at, level)] == 0 && at + k_page_size < table_end)
                at += k_page_size;
            entry = table[index_of(at, level)];
        }
        if (entry != 0)
            return at < end.value ? VirtAddr{at} : end;
        at = align_down(at, span_of(level)) + span_of(level);
    }
    return end;
}

void free_empty_tables(VirtAddr start, VirtAddr end) {
    if (start >= end || end.value > k_program_top)
        return;
    free_empty_below(unik_boot_pml4, k_root_level, start.value, end.value);
    invalidate_page(start.value); // drops the paging-structure caches too
}

} // namespace os::arch
