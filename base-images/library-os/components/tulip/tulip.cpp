#include "tulip.hpp"

#include <arch/paging.hpp>
#include <clock/clock.hpp>
#include <foundation/own.hpp>
#include <memory/frames.hpp>

namespace os::tulip {

Result<void> attach(Device& device);

namespace {
// RingCard asks for as many entries as a frame has fragments, although one is enough here.
constexpr std::uint32_t k_transmit_entries = 64;
constexpr std::uint32_t k_receive_entries = 64;
constexpr unsigned k_transmit_order = 5; // 128 KiB of buffers
static_assert(k_transmit_entries * TransmitRing::k_buffer == k_page_size << k_transmit_order);
constexpr std::size_t k_transmit_offset = k_page_size / 2; // of its ring, behind the other one
constexpr Nanoseconds k_reset_time{1'000'000};
constexpr Nanoseconds k_link_interval{2'000'000'000};
} // namespace

Result<void> Tulip::reset() {
    ports_.write(Csr::bus_mode, k_bus_reset);
    const Nanoseconds end = clock::monotonic() + k_reset_time;
    while (clock::monotonic() < end) // 50 cycles of the bus at the least
        ;
    ports_.write(Csr::bus_mode, k_bus_setting);
    silence();
    if ((ports_.read(Csr::bus_mode) & k_bus_reset) != 0)
        return Errno::eio;
    return {};
}

Result<void> Tulip::create_rings() {
    const PhysAddr rings = UNIK_TRY(memory::allocate_low_frames(0));
    const PhysAddr buffers = UNIK_TRY(memory::allocate_low_frames(k_transmit_order));
    auto* bytes = static_cast<std::uint8_t*>(arch::physical_pointer(rings));
    __builtin_memset(bytes, 0, k_page_size);
    UNIK_TRY(receive_ring_.initialise(bytes, k_receive_entries));
    UNIK_TRY(transmit_ring_.initialise(bytes + k_transmit_offset, k_transmit_entries,
                                       arch::physical_pointer(buffers),
                                       static_cast<std::uint32_t>(buffers.value)));
    ports_.write(Csr::receive_list, static_cast<std::uint32_t>(rings.value));
    ports_.write(Csr::transmit_list, static_cast<std::uint32_t>(rings.value + k_transmit_offset));
    return {};
}

// Sending starts first: the filter arrives as a frame.
void Tulip::start() {
    constexpr std::uint32_t mode = operation::k_must_be_one | operation::k_whole_frames |
                                   operation::k_phy_port | operation::k_no_heartbeat |
                                   operation::k_full_duplex | operation::k_all_multicast;
    std::uint8_t setup[k_setup_bytes];
    write_setup_frame(mac_, setup);
    ports_.write(Csr::operation_mode, mode);
    transmit_ring_.put_setup({setup, sizeof setup});
    ports_.write(Csr::operation_mode, mode | operation::k_transmit);
    ports_.write(Csr::transmit_poll, 1);
    ports_.write(Csr::operation_mode, mode | operation::k_transmit | operation::k_receive);
}

Result<void> Tulip::prepare() {
    function_.enable();
    ports_.set_base(UNIK_TRY(function_.port(0)));
    UNIK_TRY(reset());
    mac_ = UNIK_TRY(read_address(ports_));
    const Result<unsigned> phy = find_phy(ports_);
    has_phy_ = phy.ok();
    if (has_phy_)
        phy_ = phy.value();
    link_up_ = read_link();
    UNIK_TRY(create_rings());
    UNIK_TRY(function_.connect_interrupt(&Tulip::interrupt, this));
    start();
    if (has_phy_)
        timer_.set(clock::monotonic() + k_link_interval);
    return {};
}

void Tulip::on_timer(void* argument) {
    auto& card = *static_cast<Tulip*>(argument);
    card.schedule_link_check();
    card.timer_.set(clock::monotonic() + k_link_interval);
}

bool Tulip::read_link() {
    return !has_phy_ || phy_link_up(ports_, phy_);
}

void Tulip::interrupt(void* argument) {
    auto& card = *static_cast<Tulip*>(argument);
    const std::uint32_t causes = card.ports_.read(Csr::status);
    if ((causes & (status::k_normal | status::k_abnormal)) == 0)
        return;
    card.silence();
    card.ports_.write(Csr::status, causes & status::k_clearable);
    card.bus_error_ = card.bus_error_ || (causes & status::k_bus_error) != 0;
    card.schedule_work();
}

void Tulip::listen(Listen what) {
    ports_.write(Csr::interrupt_enable,
                 status::k_normal | status::k_abnormal | status::k_received | status::k_no_buffer |
                     status::k_bus_error |
                     (what == Listen::for_frames_and_room ? status::k_transmitted : 0));
}

net::RingCard::Received Tulip::take_received() {
    if (bus_error_) {
        give_up("the card reports a fatal error of its bus");
        return {};
    }
    const ReceiveRing::Frame frame = receive_ring_.take();
    return {frame.buffer, frame.size, net::Checksum::unknown};
}

Result<void> attach(Device& device) {
    auto& function = static_cast<pci::Function&>(device);
    auto made = UNIK_TRY(try_make<Tulip>(function));
    Tulip& card = *made.release(); // its interrupt handler stays, whatever comes
    UNIK_TRY(card.prepare());
    net::register_device(card);
    return {};
}

} // namespace os::tulip
