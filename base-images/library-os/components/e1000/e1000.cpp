#include "e1000.hpp"

#include <arch/paging.hpp>
#include <clock/clock.hpp>
#include <foundation/own.hpp>
#include <memory/frames.hpp>

namespace os::e1000 {

Result<void> attach_8254x(Device& device);
Result<void> attach_82574(Device& device);

namespace {
constexpr std::uint32_t k_entries = k_page_size / sizeof(ReceiveDescriptor); // one page each
constexpr Nanoseconds k_reset_time{20'000'000};
constexpr Nanoseconds k_settle_time{1'000'000}; // before a card in reset may be touched again

constexpr std::uint32_t k_causes_receive = cause::k_received | cause::k_receive_low |
                                           cause::k_receive_overrun | cause::k_link_changed |
                                           cause::k_receive_queue | cause::k_other;
constexpr std::uint32_t k_causes_transmit = cause::k_transmitted | cause::k_transmit_queue;

void delay(Nanoseconds time) {
    const Nanoseconds end = clock::monotonic() + time;
    while (clock::monotonic() < end)
        ;
}

Result<void> attach(Device& device, Kind kind) {
    auto& function = static_cast<pci::Function&>(device);
    auto made = UNIK_TRY(try_make<E1000>(function, kind));
    E1000& card = *made.release(); // its interrupt handler stays, whatever comes
    UNIK_TRY(card.prepare());
    net::register_device(card);
    return {};
}
} // namespace

// 14.3 of the 8254x manual: initialisation.
Result<void> E1000::reset() {
    silence();
    write(Register::receive_control, 0);
    write(Register::transmit_control, transmit_control::k_pad_short);
    write(Register::control, read(Register::control) | control::k_reset);
    delay(k_settle_time);
    const Nanoseconds end = clock::monotonic() + k_reset_time;
    while ((read(Register::control) & control::k_reset) != 0)
        if (clock::monotonic() > end)
            return Errno::eio;
    silence();
    (void)read(Register::interrupt_cause); // reading clears it
    return {};
}

// The first receive address is loaded from the card's EEPROM when it is reset.
bool E1000::read_address() {
    const std::uint32_t low = read(Register::address_low);
    const std::uint32_t high = read(Register::address_high);
    const std::uint64_t address = low | static_cast<std::uint64_t>(high & 0xffff) << 32;
    const bool is_multicast = (low & 1) != 0;
    if ((high & k_address_valid) == 0 || address == 0 || is_multicast)
        return false;
    __builtin_memcpy(mac_.bytes, &address, sizeof mac_.bytes);
    return true;
}

void E1000::write_address() {
    std::uint64_t address = 0;
    __builtin_memcpy(&address, mac_.bytes, sizeof mac_.bytes);
    write(Register::address_low, static_cast<std::uint32_t>(address));
    write(Register::address_high, static_cast<std::uint32_t>(address >> 32) | k_address_valid);
}

Result<void> E1000::create_rings() {
    const PhysAddr receive = UNIK_TRY(memory::allocate_zeroed_frame());
    const PhysAddr transmit = UNIK_TRY(memory::allocate_zeroed_frame());
    UNIK_TRY(receive_ring_.initialise(arch::physical_pointer(receive), k_entries));
    UNIK_TRY(transmit_ring_.initialise(arch::physical_pointer(transmit), k_entries));
    struct {
        Register reg;
        std::uint32_t value;
    } const writes[] = {
        {Register::receive_base_low, static_cast<std::uint32_t>(receive.value)},
        {Register::receive_base_high, static_cast<std::uint32_t>(receive.value >> 32)},
        {Register::receive_length, k_page_size},
        {Register::receive_head, 0},
        {Register::receive_tail, 0},
        {Register::transmit_base_low, static_cast<std::uint32_t>(transmit.value)},
        {Register::transmit_base_high, static_cast<std::uint32_t>(transmit.value >> 32)},
        {Register::transmit_length, k_page_size},
        {Register::transmit_head, 0},
        {Register::transmit_tail, 0},
    };
    for (const auto& one : writes)
        write(one.reg, one.value);
    return {};
}

void E1000::start() {
    for (unsigned i = 0; i < k_multicast_words; ++i)
        write(static_cast<Register>(static_cast<std::uint32_t>(Register::multicast_table) + 4 * i),
              0);
    if (kind_ == Kind::k82574) {
        write(Register::vector_allocation, k_all_to_entry_0);
        write(Register::transmit_descriptor_control,
              read(Register::transmit_descriptor_control) | k_82574_reserved_one);
    }
    write(Register::receive_checksum, read(Register::receive_checksum) | k_check_transport);
    write(Register::transmit_gap, k_gap);
    write(Register::transmit_control, transmit_control::k_enable | transmit_control::k_pad_short |
                                          transmit_control::k_collision_threshold |
                                          transmit_control::k_collision_distance);
    // Buffers of 2048 bytes is what the card believes; frames longer than Ethernet's are not
    // enabled, and all others fit.
    write(Register::receive_control, receive_control::k_enable | receive_control::k_all_multicast |
                                         receive_control::k_broadcast |
                                         receive_control::k_strip_crc);
    const std::uint32_t unwanted = control::k_link_reset | control::k_invert_loss_of_signal |
                                   control::k_force_speed | control::k_force_duplex |
                                   control::k_phy_reset;
    write(Register::control,
          (read(Register::control) & ~unwanted) | control::k_set_link_up | control::k_detect_speed);
    link_up_ = read_link();
}

Result<void> E1000::prepare() {
    function_.enable();
    registers_ = UNIK_TRY(function_.map(0, 0, k_register_bytes));
    const bool known = read_address();
    UNIK_TRY(reset());
    if (!known && !read_address())
        return Errno::enodev;
    write_address();
    UNIK_TRY(create_rings());
    UNIK_TRY(function_.connect_interrupt(&E1000::interrupt, this));
    start();
    return {};
}

// Reading the causes clears them, on the 82574 not always: writing ones does.
void E1000::interrupt(void* argument) {
    auto& card = *static_cast<E1000*>(argument);
    const std::uint32_t causes = card.read(Register::interrupt_cause);
    if (causes == 0)
        return;
    card.write(Register::interrupt_cause, causes);
    card.silence();
    if ((causes & cause::k_link_changed) != 0)
        card.schedule_link_check();
    card.schedule_work();
}

void E1000::listen(Listen what) {
    write(Register::interrupt_mask_set,
          k_causes_receive | (what == Listen::for_frames_and_room ? k_causes_transmit : 0));
}

net::RingCard::Received E1000::take_received() {
    const ReceiveRing::Frame frame = receive_ring_.take();
    return {frame.buffer, frame.size, frame.checksum};
}

Result<void> attach_8254x(Device& device) {
    return attach(device, Kind::k8254x);
}
Result<void> attach_82574(Device& device) {
    return attach(device, Kind::k82574);
}

} // namespace os::e1000
