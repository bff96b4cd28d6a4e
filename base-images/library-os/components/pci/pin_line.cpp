#include "pin_line.hpp"

namespace os::pci {

void PinLine::add(Member& member) {
    member.next = first_;
    first_ = &member;
}

void PinLine::call_handlers() {
    for (const Member* member = first_; member != nullptr; member = member->next)
        member->listener.handler(member->listener.argument);
}

bool PinLine::raised() const {
    for (const Member* member = first_; member != nullptr; member = member->next)
        if (member->space != nullptr && (member->space->read16(k_status) & k_status_raised) != 0)
            return true;
    return false;
}

Nanoseconds PinLine::interrupted(Nanoseconds now) {
    proven_ = true;
    if (++count_ % k_judged_every != 0) {
        call_handlers();
        return {};
    }
    const bool was_raised = raised();
    call_handlers();
    const Nanoseconds took = now - judged_;
    judged_ = now;
    if ((was_raised && !raised()) || took.value > k_fast.value * k_judged_every)
        return {};
    const Nanoseconds rest{2 * took.value};
    return rest.value > k_least_rest.value ? rest : k_least_rest;
}

} // namespace os::pci
