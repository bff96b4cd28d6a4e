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
    // `place` is for messages; it outlives the host.
    explicit Host(const char* place) : place_(place) {}

    // The same ones always.
    virtual block::RequestSlots& slots() = 0;

    // Hands the command to the device.
    virtual Result<void> submit(unsigned slot, const Command& command) = 0;
    // What the device said; where it said nothing, that the command was lost.
    virtual Answer read_answer(unsigned slot, const Command& command) const = 0;
    // Resets the device and brings it up again.
    virtual Result<void> bring_up() = 0;
    // Resets the device for good, so that it touches no memory any more, and fails all slots.
    virtual void stop() = 0;

    void give_up(const char* why);

private:
    void start_again(const char* why);

    const char* place_;
    unsigned starts_ = 0;
};

} // namespace os::scsi
