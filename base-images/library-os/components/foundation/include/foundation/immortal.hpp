// A global that is never destroyed: the machine just stops. Without this, each global whose type
// has a destructor would leave an entry in .fini_array.
#pragma once

#include <utility>

namespace os {

template <typename T>
union Immortal {
    template <typename... Arguments>
    constexpr explicit Immortal(Arguments&&... arguments)
        : value(std::forward<Arguments>(arguments)...) {}
    Immortal(const Immortal&) = delete;
    Immortal& operator=(const Immortal&) = delete;
    constexpr ~Immortal() {}
    constexpr T* operator->() { return &value; }
    constexpr T& operator*() { return value; }

    T value;
};

} // namespace os
