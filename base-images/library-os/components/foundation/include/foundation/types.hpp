// Addresses, sizes and times that cannot be mixed up.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

namespace os {

inline constexpr std::size_t k_page_size = 4096;

// An address on the memory bus.
struct PhysAddr {
    std::uint64_t value = 0;
    auto operator<=>(const PhysAddr&) const = default;
    constexpr PhysAddr operator+(std::uint64_t offset) const { return {value + offset}; }
};

// An address as instructions use it.
struct VirtAddr {
    std::uint64_t value = 0;
    auto operator<=>(const VirtAddr&) const = default;
    constexpr VirtAddr operator+(std::uint64_t offset) const { return {value + offset}; }
    template <typename T>
    T* as() const {
        return reinterpret_cast<T*>(value);
    }
};

// A span of time or a point on a clock, by context; signed, so that differences are safe.
struct Nanoseconds {
    std::int64_t value = 0;
    auto operator<=>(const Nanoseconds&) const = default;
    constexpr Nanoseconds operator+(Nanoseconds other) const { return {value + other.value}; }
    constexpr Nanoseconds operator-(Nanoseconds other) const { return {value - other.value}; }
};
inline constexpr Nanoseconds k_forever{INT64_MAX}; // as a deadline: none

constexpr std::uint64_t align_down(std::uint64_t value, std::uint64_t alignment) {
    return value & ~(alignment - 1);
}
constexpr std::uint64_t align_up(std::uint64_t value, std::uint64_t alignment) {
    return (value + alignment - 1) & ~(alignment - 1);
}

} // namespace os
