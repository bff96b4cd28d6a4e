// Reading and writing single values of the program.
#pragma once

#include <cstdint>

#include <memory/address_space.hpp>

namespace os::linux_system {

template <typename T>
Result<void> store(std::uint64_t address, const T& value) {
    UNIK_TRY(memory::AppSpan<T>::writable(address, 1))[0] = value;
    return {};
}

// Address 0: nobody asks.
template <typename T>
Result<void> store_if_asked(std::uint64_t address, const T& value) {
    return address == 0 ? Result<void>() : store(address, value);
}

template <typename T>
Result<T> load(std::uint64_t address) {
    return UNIK_TRY(memory::AppSpan<T>::readable(address, 1))[0];
}

} // namespace os::linux_system
