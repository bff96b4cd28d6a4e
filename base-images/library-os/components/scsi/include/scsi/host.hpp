// A host adapter whose commands are out at once, each under a number of RequestSlots. One that
// leaves a command unanswered is started anew, which ends all that it has under way.
#pragma once

#include <block/request_slots.hpp>
#include <scsi/transport.hpp>

namespace os::scsi {

class Host : public Transport {
public:
    Result<Answer> execute(const Command& command) override;

protected:
    // Both outlive it. `place` is for messages.
    Host(block::RequestSlots& slots, const char* place) : slots_(slots), place_(place) {}

    // Hands the command to the device.
    virtual Result<void> submit(unsigned slot, const Command& command) = 0;
    // What the device said; where it said nothing, that the command was lost.
    virtual Answer read_answer(unsigned slot, const Command& command) const = 0;
    // Resets the device and brings it up again.
    virtual Result<void> bring_up() = 0;
    // For good; the device touches no memory any more.
    virtual void stop() = 0;

    void give_up(const char* why);

private:
    void start_again(const char* why);

    block::RequestSlots& slots_;
    const char* place_;
    unsigned starts_ = 0;
};

} // namespace os::scsi
