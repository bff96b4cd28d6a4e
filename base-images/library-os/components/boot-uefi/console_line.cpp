#include "console_line.hpp"

namespace os::boot_uefi {

void Line::add(char16_t unit) {
    if (length_ < k_most)
        units_[length_++] = unit;
}

Line& Line::text(const char* ascii) {
    for (; *ascii != '\0'; ++ascii)
        add(*ascii >= ' ' && *ascii <= '~' ? static_cast<char16_t>(*ascii) : u'?');
    return *this;
}

Line& Line::number(std::uint64_t value) {
    if (value >= 10)
        number(value / 10);
    add(static_cast<char16_t>(u'0' + value % 10));
    return *this;
}

void Line::show(const SystemTable& system) {
    if (system.output == nullptr)
        return;
    units_[length_] = u'\r';
    units_[length_ + 1] = u'\n';
    units_[length_ + 2] = u'\0';
    system.output->output_string(system.output, units_);
}

Status refuse(const SystemTable& system, const char* reason, Status status) {
    Line()
        .text("unik: cannot start: ")
        .text(reason)
        .text(" (EFI error ")
        .number(status & ~k_error)
        .text(")")
        .show(system);
    return status;
}

} // namespace os::boot_uefi
