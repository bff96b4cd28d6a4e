// One port of the controller, as a link to the one disk behind it.
//
// One command is out at a time, in slot 0. Its end is seen by looking at the port's registers, on
// every interrupt and now and then.
#pragma once

#include <ata/disk.hpp>
#include <ata/dma_memory.hpp>
#include <foundation/format.hpp>
#include <threads/alert.hpp>

#include "registers.hpp"

namespace os::ahci {

class Port final : public ata::Link {
public:
    // `cut_off` ends the whole controller's access to memory.
    struct Controller {
        Registers& registers;
        ata::Addresses addresses = ata::Addresses::bits_64;
        void (*cut_off)(void*) = nullptr;
        void* argument = nullptr;
    };
    Port(const Controller& controller, unsigned index)
        : controller_(controller), index_(index), dma_(controller.addresses) {}

    // Ends what the firmware, or we, left running: the port does not touch memory any more.
    Result<void> halt();
    // Whether the link to some device is up; one that was switched off is switched on for that.
    bool connect();
    // Waits until the device behind the link can take commands. `memory` is a zeroed page below
    // 4 GiB. enodev: it is no disk.
    Result<void> start(PhysAddr memory);

    Result<ata::Answer> execute(unsigned unit, const ata::Command& command,
                                MutableBytes data) override;
    Result<void> reset() override;
    void cut_off() override;
    ata::Mover mover() const override { return ata::Mover::bus_master; }

    // Acknowledges what the port has to say, and lets the waiting thread look. Any context.
    void collect();

private:
    enum class State { under_way, answered, failed, gone };
    std::uint32_t read(PortRegister which);
    void write(PortRegister which, std::uint32_t value);
    bool wait_for(Nanoseconds patience, PortRegister which, std::uint32_t mask,
                  std::uint32_t wanted);
    bool connected();
    Result<void> stop();
    Result<void> wait_and_run(Nanoseconds patience);
    Result<void> restart();
    Result<ata::Answer> finish(const ata::Command& command, std::size_t size);
    State look();
    std::uint32_t events() { return __atomic_load_n(&events_, __ATOMIC_RELAXED); }

    const Controller controller_;
    const unsigned index_;
    ata::DmaMemory dma_;
    threads::Alert alert_;
    std::uint32_t events_ = 0; // port interrupts since the last command or reset
    PhysAddr memory_;
    std::uint8_t* bytes_ = nullptr;
};

} // namespace os::ahci
