// Where pins arrive can be known in full only by running the firmware's AML. We go by the line
// number that it left in each function's configuration space for operating systems without APIC:
// chipsets keep that route alive on the IO-APIC inputs of the same numbers.
#include "pin_interrupts.hpp"

#include <arch/cpu.hpp>
#include <clock/clock.hpp>
#include <control/control.hpp>
#include <foundation/own.hpp>
#include <threads/timer.hpp>

#include "pin_line.hpp"

namespace os::pci {

namespace {
constexpr Nanoseconds k_poll_interval{4'000'000};
constexpr std::uint8_t k_unknown_line = 0; // also stands for 255 and for functions without a pin

struct Line {
    explicit Line(std::uint8_t its_number) : number(its_number) {}

    PinLine pins;
    std::uint8_t number;
    interrupts::Input input;
    threads::Timer timer{&Line::on_timer, this};
    bool routed = false; // or tried to
    bool rests = false;
    bool reported = false;
    Line* next = nullptr;

    static void on_interrupt(void* argument);
    static void on_timer(void* argument);
    void poll_later() { timer.set(clock::monotonic() + k_poll_interval); }
    Result<void> route();
};
constinit Line* g_lines = nullptr;

void Line::on_interrupt(void* argument) {
    auto& self = *static_cast<Line*>(argument);
    const Nanoseconds now = clock::monotonic();
    const Nanoseconds rest = self.pins.interrupted(now);
    if (rest.value == 0)
        return;
    interrupts::set_gate(self.input.gsi, interrupts::Gate::closed);
    self.rests = true;
    self.timer.set(clock::monotonic() + rest);
}

void Line::on_timer(void* argument) {
    auto& self = *static_cast<Line*>(argument);
    {
        const arch::InterruptGuard guard; // as handlers expect it
        self.pins.call_handlers();
    }
    if (!self.pins.proven())
        self.poll_later();
    if (!self.rests)
        return;
    if (!self.reported)
        control::warn(
            "pci-interrupt-storm",
            "PCI interrupt line %u is raised without end and no driver can stop it: it is "
            "slowed down",
            self.number);
    self.reported = true;
    self.rests = false;
    interrupts::set_gate(self.input.gsi, interrupts::Gate::open);
}

// An input that somebody listens to already (the ACPI event, say) is shared with him.
Result<void> Line::route() {
    routed = true;
    input = interrupts::pci_input(number);
    const interrupts::Listener before = interrupts::listener_of(input.gsi);
    if (before.handler != nullptr) {
        auto member = UNIK_TRY(try_make<PinLine::Member>());
        member->listener = before;
        pins.add(*member.release());
    }
    const std::uint8_t vector = UNIK_TRY(interrupts::allocate_vector(&Line::on_interrupt, this));
    return interrupts::route_gsi(input.gsi, vector, input.trigger, input.polarity);
}

Result<Line*> make_line(std::uint8_t number) {
    auto made = UNIK_TRY(try_make<Line>(number));
    Line& line = *made.release();
    line.next = g_lines;
    g_lines = &line;
    return &line;
}

Result<Line*> line_of(std::uint8_t number) {
    for (Line* line = g_lines; line != nullptr; line = line->next)
        if (line->number == number)
            return line;
    return make_line(number);
}
} // namespace

Result<void> connect_pin(const ConfigSpace& space, interrupts::Handler handler, void* argument) {
    const std::uint8_t told = space.read8(k_interrupt_line);
    const bool known = space.read8(k_interrupt_pin) != 0 && told != 0 && told != 255;
    auto member = UNIK_TRY(try_make<PinLine::Member>());
    Line& line = *UNIK_TRY(line_of(known ? told : k_unknown_line));
    *member = {&space, {handler, argument}, nullptr};
    {
        const arch::InterruptGuard guard;
        line.pins.add(*member.release());
    }
    // A route that cannot be made leaves the poll.
    if (known && !line.routed)
        (void)line.route();
    if (!line.pins.proven())
        line.poll_later();
    return {};
}

} // namespace os::pci
