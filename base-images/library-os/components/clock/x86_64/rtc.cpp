#include "rtc.hpp"

#include <arch/cpu.hpp>

namespace os::clock {
namespace {

constexpr std::uint8_t k_status_a = 0x0a;
constexpr std::uint8_t k_status_b = 0x0b;
constexpr std::uint8_t k_century = 0x32;

std::uint8_t read_register(std::uint8_t index) {
    constexpr std::uint16_t index_port = 0x70;
    constexpr std::uint16_t data_port = 0x71;
    constexpr std::uint8_t nmi_off = 0x80;
    arch::out8(index_port, index | nmi_off);
    return arch::in8(data_port);
}

struct Reading {
    std::uint8_t second, minute, hour, day, month, year, century;
    bool operator==(const Reading&) const = default;
};

Reading read_all() {
    return {.second = read_register(0),
            .minute = read_register(2),
            .hour = read_register(4),
            .day = read_register(7),
            .month = read_register(8),
            .year = read_register(9),
            .century = read_register(k_century)};
}

unsigned from_bcd(std::uint8_t value) {
    return (value >> 4) * 10U + (value & 0xf);
}

unsigned hour_of(std::uint8_t value, bool binary, bool twenty_four) {
    constexpr std::uint8_t afternoon = 0x80;
    const auto digits = static_cast<std::uint8_t>(value & ~afternoon);
    const unsigned hour = binary ? digits : from_bcd(digits);
    if (twenty_four)
        return hour;
    return hour % 12 + ((value & afternoon) != 0 ? 12 : 0);
}

} // namespace

std::int64_t read_rtc() {
    constexpr std::uint8_t updating = 0x80;
    constexpr unsigned patience = 10000;
    Reading reading{};
    // A reading counts when no update is under way and a second one agrees.
    for (unsigned i = 0; i < patience; ++i) {
        if ((read_register(k_status_a) & updating) != 0)
            continue;
        reading = read_all();
        if (reading == read_all())
            break;
    }
    const std::uint8_t status = read_register(k_status_b);
    const bool binary = (status & 0x04) != 0;
    const auto value = [binary](std::uint8_t raw) { return binary ? raw : from_bcd(raw); };
    const unsigned month = value(reading.month);
    const unsigned day = value(reading.day);
    if (month < 1 || month > 12 || day < 1 || day > 31)
        return 0;
    const unsigned century = from_bcd(reading.century);
    const unsigned base = century >= 19 && century <= 22 ? century * 100 : 2000;
    return seconds_since_1970(base + value(reading.year), month, day,
                              hour_of(reading.hour, binary, (status & 0x02) != 0),
                              value(reading.minute), value(reading.second));
}

} // namespace os::clock
