// Entries of page tables (Intel SDM volume 3, 4.5).
#pragma once

#include <cstdint>

#include <arch/paging.hpp>
#include <foundation/types.hpp>

namespace os::arch {

inline constexpr std::uint64_t k_present = 1ULL << 0;
inline constexpr std::uint64_t k_write = 1ULL << 1;
inline constexpr std::uint64_t k_uncached = 3ULL << 3; // PWT and PCD
inline constexpr std::uint64_t k_dirty = 1ULL << 6;
inline constexpr std::uint64_t k_large = 1ULL << 7;
// Ours (ignored by the CPU): not present, but the entry keeps a frame. An entry of a 4 KiB page
// that is not zero is one or the other.
inline constexpr std::uint64_t k_held = 1ULL << 9;
inline constexpr std::uint64_t k_lent = 1ULL << 10;
inline constexpr std::uint64_t k_no_execute = 1ULL << 63;
inline constexpr std::uint64_t k_address_mask = 0x000ffffffffff000;
inline constexpr unsigned k_entries = 512;
inline constexpr unsigned k_table_level = 1; // 4 KiB pages; 2: 2 MiB pages; 4: the root
inline constexpr unsigned k_directory_level = 2;
inline constexpr unsigned k_root_level = 4;

constexpr unsigned index_of(std::uint64_t address, unsigned level) {
    return static_cast<unsigned>(address >> (12 + 9 * (level - 1))) % k_entries;
}

constexpr std::uint64_t leaf_bits(PageFlags flags) {
    return (flags.present ? k_present : k_held) | (flags.writable ? k_write : 0) |
           (flags.uncached ? k_uncached : 0) | (flags.lent ? k_lent : 0) |
           (flags.executable ? 0 : k_no_execute);
}

} // namespace os::arch

// The tables that the image brings.
extern "C" {
extern std::uint64_t unik_boot_pml4[512] [[gnu::visibility("hidden")]]; // the root
extern std::uint64_t unik_boot_pdpt[512] [[gnu::visibility("hidden")]];
extern std::uint64_t unik_boot_pd[512] [[gnu::visibility("hidden")]];
extern std::uint64_t unik_image_pdpt[512] [[gnu::visibility("hidden")]];
}
