// Commands on their way, their completions, and what happens when none come.
#include <arch/paging.hpp>
#include <clock/clock.hpp>
#include <memory/frames.hpp>

#include "controller.hpp"

namespace os::nvme {

namespace {
constexpr Nanoseconds k_patience{static_cast<std::int64_t>(block::k_patience_milliseconds) *
                                 1'000'000};
constexpr Nanoseconds k_look{100'000'000};
} // namespace

void Controller::issue(QueuePair& pair, std::uint16_t id, const Command& command,
                       Request& request) {
    const LockGuard guard(lock_);
    const unsigned tail = pair.add(command, request);
    bus_.registers.write32(bus_.capabilities.commands_doorbell(id), tail);
}

void Controller::collect() {
    const LockGuard guard(lock_);
    if (admin_.take_completions())
        bus_.registers.write32(bus_.capabilities.completions_doorbell(k_admin), admin_.head());
    if (io_.take_completions())
        bus_.registers.write32(bus_.capabilities.completions_doorbell(k_io), io_.head());
}

// Whether waiting makes no sense any more.
bool Controller::lost() {
    const std::uint32_t status = bus_.registers.read32(k_status);
    return status == k_all || (status & k_status_fatal) != 0 || (status & k_status_ready) == 0 ||
           admin_.broken() || io_.broken();
}

// False when there was no answer.
bool Controller::wait(Request& request) {
    bool first_look = true; // right after issuing
    (void)threads::wait_until(request.alert, {k_patience}, [&] {
        collect();
        return request.done || (!std::exchange(first_look, false) && lost());
    });
    return request.done;
}

Result<void> Controller::administer(const Command& command) {
    Request request;
    issue(admin_, k_admin, command, request);
    if (!wait(request)) {
        const LockGuard guard(lock_);
        admin_.fail_all();
        return Errno::etimedout;
    }
    return request.status == 0 ? Result<void>() : Errno::eio;
}

Result<std::uint16_t> Controller::execute(block::BlockDevice& device, Command command,
                                          MutableBytes data) {
    while (state_ != State::working || !io_.has_room()) {
        if (state_ == State::dead)
            return Errno::eio;
        room_.wait(k_forever, threads::Interruptible::no); // what is out ends, and so does a reset
    }
    if (!data.empty()) {
        const unsigned id = io_.next_id();
        PageList& list = static_cast<PageList*>(page(lists))[id];
        const DataPointers pointers = describe(memory::physical_address(data.data()), data.size(),
                                               list, pages_[lists] + id * sizeof(PageList));
        command.data[0] = pointers.first;
        command.data[1] = pointers.second;
    }
    Request request;
    issue(io_, k_io, command, request);
    if (!wait(request) && state_ == State::working)
        recover(device);
    while (!request.done) // another thread recovers, and ends it
        request.alert.wait(clock::monotonic() + k_look);
    room_.wake_one();
    return request.status == Request::k_failed ? Result<std::uint16_t>(Errno::eio)
                                               : Result<std::uint16_t>(request.status);
}

void Controller::recover(block::BlockDevice& device) {
    state_ = State::resetting;
    const Result<void> off = switch_off();
    if (!off.ok())
        bus_.cut_off(bus_.argument);
    {
        const LockGuard guard(lock_);
        io_.fail_all(); // now that the controller leaves the requests' memory alone
    }
    const Result<void> on = off.ok() ? switch_on() : off;
    if (on.ok()) {
        state_ = State::working;
        block::report(device, "the controller did not answer and was reset");
    } else {
        if (off.ok())
            stop();
        state_ = State::dead;
        block::report(device, !off.ok() && off.error() == Errno::enodev
                                  ? "the device is gone"
                                  : "the controller does not answer, not even after a reset: it is "
                                    "given up");
    }
    room_.wake_all();
}

} // namespace os::nvme
