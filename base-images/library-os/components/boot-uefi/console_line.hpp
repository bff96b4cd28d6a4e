// Lines on the firmware's console.
#pragma once

#include "firmware.hpp"

namespace os::boot_uefi {

// A line put together of pieces, shown when it is complete; what does not fit is left out.
class Line {
public:
    Line& text(const char* ascii);
    Line& number(std::uint64_t value);
    void show(const SystemTable& system);

private:
    static constexpr unsigned k_most = 160;
    void add(char16_t unit);

    char16_t units_[k_most + 3]; // line end and NUL
    unsigned length_ = 0;
};

// Shows what has failed, with the firmware's status, and returns that.
Status refuse(const SystemTable& system, const char* reason, Status status);

} // namespace os::boot_uefi
