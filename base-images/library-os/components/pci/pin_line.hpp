// One line that pins of functions share, and the handlers behind it.
//
// The firmware's line number says where a pin arrives only if the chipset has not been told
// otherwise, so until the first interrupt has come the line is not proven and its handlers are
// polled.
//
// A pin is level-triggered: while somebody raises it whom no handler silences, it interrupts for
// ever and the program gets nowhere. Now and then the line is therefore judged by the status bit of
// its functions (PCI Local Bus Specification 3.0, 6.2.3): raised before the handlers ran and not
// afterwards is how a served line looks. If it does not look so and interrupts come fast, the line
// rests for twice as long as they took: a machine on which that happens loses a part of its time,
// and one whose functions lack the bit only some of its interrupts, which the poll at the end of
// the rest makes up for.
#pragma once

#include <foundation/types.hpp>
#include <interrupts/interrupts.hpp>
#include <pci/config_space.hpp>

namespace os::pci {

class PinLine {
public:
    struct Member {
        const ConfigSpace* space = nullptr; // null: not a PCI function
        interrupts::Listener listener;
        Member* next = nullptr;
    };

    static constexpr unsigned k_judged_every = 64;
    // Interrupts further apart than this, on average, are nobody's harm.
    static constexpr Nanoseconds k_fast{200'000};
    static constexpr Nanoseconds k_least_rest{1'000'000};

    void add(Member& member);
    void call_handlers();
    // An interrupt arrived; handles it. Returns how long the line must rest, or zero.
    Nanoseconds interrupted(Nanoseconds now);
    bool proven() const { return proven_; }

private:
    bool raised() const;

    Member* first_ = nullptr;
    unsigned count_ = 0;
    Nanoseconds judged_{};
    bool proven_ = false;
};

} // namespace os::pci
