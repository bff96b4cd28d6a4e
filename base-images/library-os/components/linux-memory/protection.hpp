// PROT_* of the program as the protection of an area.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <memory/address_space.hpp>

namespace os::linux_memory {

inline constexpr std::uint64_t k_prot_read = 1; // asm-generic/mman-common.h
inline constexpr std::uint64_t k_prot_write = 2;
inline constexpr std::uint64_t k_prot_execute = 4;
inline constexpr std::uint64_t k_prot_grows_down = 0x01000000;
inline constexpr std::uint64_t k_prot_grows_up = 0x02000000;

// einval: bits that mean nothing.
Result<memory::Protection> protection_of(std::uint64_t bits);

} // namespace os::linux_memory
