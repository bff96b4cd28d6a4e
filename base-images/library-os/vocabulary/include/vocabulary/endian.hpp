// Integers with a fixed byte order and no alignment, for structures on disks and wires.
#pragma once

#include <bit>
#include <cstdint>

namespace vocabulary {

template <typename T, std::endian Order>
class EndianInteger {
public:
    constexpr EndianInteger() = default;
    constexpr EndianInteger(T value) { store(value); }
    constexpr operator T() const { return load(); }

private:
    constexpr T load() const {
        T value = 0;
        for (unsigned i = 0; i < sizeof(T); ++i)
            value = static_cast<T>(value | (static_cast<T>(bytes_[i]) << shift(i)));
        return value;
    }
    constexpr void store(T value) {
        for (unsigned i = 0; i < sizeof(T); ++i)
            bytes_[i] = static_cast<std::uint8_t>(value >> shift(i));
    }
    static constexpr unsigned shift(unsigned i) {
        return 8 * (Order == std::endian::little ? i : static_cast<unsigned>(sizeof(T)) - 1 - i);
    }

    std::uint8_t bytes_[sizeof(T)] = {};
};

using Le16 = EndianInteger<std::uint16_t, std::endian::little>;
using Le32 = EndianInteger<std::uint32_t, std::endian::little>;
using Le64 = EndianInteger<std::uint64_t, std::endian::little>;
using Be16 = EndianInteger<std::uint16_t, std::endian::big>;
using Be32 = EndianInteger<std::uint32_t, std::endian::big>;
using Be64 = EndianInteger<std::uint64_t, std::endian::big>;

static_assert(sizeof(Le16) == 2 && sizeof(Be32) == 4 && sizeof(Le64) == 8 && alignof(Le64) == 1);

} // namespace vocabulary
