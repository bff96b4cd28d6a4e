// The controller's two channels, each in compatibility mode (the ports and interrupts of an old PC)
// or in native mode (PCI IDE Controller Specification 1.0, 2).
#include <arch/paging.hpp>
#include <foundation/format.hpp>
#include <foundation/own.hpp>
#include <memory/frames.hpp>
#include <pci/function.hpp>

#include "channel.hpp"
#include "machine_ports.hpp"

namespace os::ide {

Result<void> attach(Device& device);

namespace {

constexpr unsigned k_channels = 2;
constexpr unsigned k_bus_master_bar = 4;
constexpr std::uint16_t k_bus_master_stride = 8;
constexpr std::size_t k_table_stride = 64;
constexpr std::uint32_t k_has_bus_master = 1 << 7;

struct Compatible {
    MachinePorts::Places places;
    std::uint8_t irq;
};
constexpr Compatible k_compatible[k_channels] = {
    {{.command = 0x1f0, .control = 0x3f6}, 14},
    {{.command = 0x170, .control = 0x376}, 15},
};

struct Attached {
    explicit Attached(MachinePorts::Places places, ata::Mover mover, PhysAddr table)
        : ports(places), channel(ports, mover, table) {}
    MachinePorts ports;
    Channel channel;
};

class Controller {
public:
    explicit Controller(pci::Function& function) : function_(function) {}

    Result<void> start() {
        interface_ = function_.class_code() & 0xff;
        const Result<std::uint16_t> master = function_.port(k_bus_master_bar);
        if ((interface_ & k_has_bus_master) != 0 && master.ok()) {
            bus_master_ = master.value();
            tables_ = UNIK_TRY(memory::allocate_low_frames(0));
        }
        if (native(0) || native(1)) // without it there still is the looking now and then
            (void)function_.connect_interrupt(&Controller::interrupt, this);
        for (unsigned index = 0; index < k_channels; ++index)
            UNIK_TRY(start_channel(index));
        return {};
    }

private:
    bool native(unsigned index) const { return (interface_ >> (2 * index) & 1) != 0; }

    // Where the channel's registers are; enxio when the firmware gave it no place.
    Result<MachinePorts::Places> places(unsigned index) {
        MachinePorts::Places places = k_compatible[index].places;
        if (native(index)) {
            places.command = UNIK_TRY(function_.port(2 * index));
            places.control =
                static_cast<std::uint16_t>(UNIK_TRY(function_.port(2 * index + 1)) + 2);
        }
        if (bus_master_ != 0)
            places.bus_master =
                static_cast<std::uint16_t>(bus_master_ + index * k_bus_master_stride);
        return places;
    }

    static ata::Mover mover(const MachinePorts::Places& places) {
        if (places.bus_master == 0)
            return ata::Mover::processor;
        MachinePorts ports(places);
        const std::uint8_t status = ports.read(Register::master_status);
        return (status & k_master_one_channel_at_a_time) != 0 ? ata::Mover::processor
                                                              : ata::Mover::bus_master;
    }

    Result<void> start_channel(unsigned index) {
        const Result<MachinePorts::Places> found = places(index);
        if (!found.ok())
            return {};
        auto made = UNIK_TRY(try_make<Attached>(found.value(), mover(found.value()),
                                                tables_ + index * k_table_stride));
        const Result<void> started = made->channel.start();
        if (!started.ok())
            return started.error() == Errno::enodev ? Result<void>() : started;
        Channel& channel = made.release()->channel; // for its interrupts and its disks
        channels_[index] = &channel;
        if (!native(index)) {
            const std::uint8_t vector =
                UNIK_TRY(interrupts::allocate_vector(&Controller::channel_interrupt, &channel));
            UNIK_TRY(interrupts::route_isa(k_compatible[index].irq, vector));
        }
        for (unsigned unit = 0; unit < 2; ++unit) {
            char place[56];
            format(place, sizeof place, "%.*s, channel %u, device %u",
                   static_cast<int>(function_.place().size()), function_.place().data(), index,
                   unit);
            UNIK_TRY(ata::attach_disk(channel, unit, place));
        }
        return {};
    }

    static void channel_interrupt(void* channel) { static_cast<Channel*>(channel)->collect(); }
    static void interrupt(void* controller) {
        auto& self = *static_cast<Controller*>(controller);
        for (unsigned index = 0; index < k_channels; ++index)
            if (self.native(index) && self.channels_[index] != nullptr)
                self.channels_[index]->collect();
    }

    pci::Function& function_;
    std::uint32_t interface_ = 0;
    std::uint16_t bus_master_ = 0;
    PhysAddr tables_;
    Channel* channels_[k_channels] = {};
};

} // namespace

Result<void> attach(Device& device) {
    auto& function = static_cast<pci::Function&>(device);
    function.enable();
    auto controller = UNIK_TRY(try_make<Controller>(function));
    return controller.release()->start(); // its interrupt handler stays, whatever comes
}

} // namespace os::ide
