// Firmware that has a serial console writes to the guest's ports before the guest does. The guest
// marks where its own words begin (the record `mark` of vocabulary/boot_configuration.hpp): what
// came before is kept back, and shown only when the mark never comes.
#pragma once

#include <string>
#include <string_view>

namespace unik::machine {

inline constexpr std::string_view k_guest_mark = "\x1eunik\x1e\n";

class FirmwareWords {
public:
    enum class Expected { no, yes };
    explicit FirmwareWords(Expected expected) : own_(expected == Expected::no) {}

    // The guest's own among the next bytes.
    std::string_view pass(std::string_view bytes);
    // What was kept back and has not turned out to be the firmware's; its last part.
    std::string take_rest();

private:
    bool own_; // the mark has been seen, or none is expected
    std::string kept_;
    std::string passed_;
};

} // namespace unik::machine
