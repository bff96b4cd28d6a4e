// What stat(2) and statfs(2) say, in the layout of the Linux x86-64 ABI (asm/stat.h, asm/statfs.h).
#pragma once

#include <cstdint>

#include <foundation/types.hpp>

namespace os::vfs {

struct Timespec {
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;
};
static_assert(sizeof(Timespec) == 16);

inline constexpr std::int64_t k_second = 1'000'000'000;
constexpr Timespec timespec_of(Nanoseconds time) {
    return {time.value / k_second, time.value % k_second};
}

// st_mode: kind of file and permissions.
inline constexpr std::uint32_t k_mode_kind_mask = 0170000;
inline constexpr std::uint32_t k_mode_fifo = 0010000;
inline constexpr std::uint32_t k_mode_character = 0020000;
inline constexpr std::uint32_t k_mode_directory = 0040000;
inline constexpr std::uint32_t k_mode_block_device = 0060000;
inline constexpr std::uint32_t k_mode_regular = 0100000;
inline constexpr std::uint32_t k_mode_symbolic_link = 0120000;
inline constexpr std::uint32_t k_mode_socket = 0140000;
inline constexpr std::uint32_t k_mode_permissions = 07777;

struct Stat {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t links = 1;
    std::uint32_t mode = 0;
    std::uint32_t user = 0;
    std::uint32_t group = 0;
    std::uint32_t padding = 0;
    std::uint64_t special_device = 0;
    std::int64_t size = 0;
    std::int64_t block_size = 4096;
    std::int64_t blocks = 0; // of 512 bytes
    Timespec accessed;
    Timespec modified;
    Timespec changed;
    std::int64_t reserved[3] = {};
};
static_assert(sizeof(Stat) == 144);

struct FilesystemStatus {
    std::int64_t type = 0; // a magic number, as in linux/magic.h
    std::int64_t block_size = 4096;
    std::uint64_t blocks = 0;
    std::uint64_t blocks_free = 0;
    std::uint64_t blocks_available = 0;
    std::uint64_t files = 0;
    std::uint64_t files_free = 0;
    std::int32_t identifier[2] = {};
    std::int64_t name_length = 255;
    std::int64_t fragment_size = 4096;
    std::int64_t flags = 0;
    std::int64_t spare[4] = {};
};
static_assert(sizeof(FilesystemStatus) == 120);

// dev_t as the C libraries take it apart (huge majors and minors do not occur here).
constexpr std::uint64_t device_number(std::uint64_t major, std::uint64_t minor) {
    return (major << 8) | (minor & 0xff) | ((minor & ~0xffULL) << 12);
}

} // namespace os::vfs
