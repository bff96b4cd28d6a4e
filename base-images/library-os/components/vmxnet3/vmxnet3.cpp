#include "vmxnet3.hpp"

#include <arch/paging.hpp>
#include <foundation/own.hpp>
#include <memory/frames.hpp>

namespace os::vmxnet3 {

Result<void> attach(Device& device);

namespace {
// A page for each ring; the second receive ring, for what a buffer does not hold, stays empty.
constexpr std::uint32_t k_entries = k_page_size / sizeof(ReceiveDescriptor);
enum RingPage : std::uint64_t {
    k_receive,
    k_receive_completions,
    k_receive_completions_end,
    k_receive_more,
    k_transmit,
    k_transmit_completions,
    k_ring_pages,
};
constexpr unsigned k_ring_order = 3;
static_assert(k_ring_pages <= 1U << k_ring_order);
constexpr std::uint32_t k_more_entries = 32; // the least there may be
constexpr std::uint32_t k_receive_completion_entries = k_entries + k_more_entries;
constexpr std::uint64_t k_queues_offset = 1024; // behind Shared, in its page
static_assert(sizeof(Shared) <= k_queues_offset);
} // namespace

std::uint32_t Vmxnet3::read(Register reg) const {
    return *(registers_ + static_cast<std::uint32_t>(reg)).as<volatile std::uint32_t>();
}
void Vmxnet3::write(Register reg, std::uint32_t value) {
    *(registers_ + static_cast<std::uint32_t>(reg)).as<volatile std::uint32_t>() = value;
}
void Vmxnet3::ring(Doorbell bell, std::uint32_t value) {
    *(doorbells_ + static_cast<std::uint32_t>(bell)).as<volatile std::uint32_t>() = value;
}
void Vmxnet3::command(Command what) {
    write(Register::command, static_cast<std::uint32_t>(what));
}
std::uint32_t Vmxnet3::ask(Command what) {
    command(what);
    return read(Register::command);
}

bool Vmxnet3::read_link() {
    return (ask(Command::get_link) & 1) != 0;
}

Result<void> Vmxnet3::agree_on_version() {
    for (const Register reg : {Register::device_version, Register::pass_through_version}) {
        if ((read(reg) & k_version_1) == 0)
            return Errno::enodev;
        write(reg, k_version_1);
    }
    return {};
}

Result<void> Vmxnet3::create_rings() {
    rings_ = UNIK_TRY(memory::allocate_frames(k_ring_order));
    auto* bytes = static_cast<std::uint8_t*>(arch::physical_pointer(rings_));
    __builtin_memset(bytes, 0, k_page_size << k_ring_order);
    UNIK_TRY(receive_ring_.initialise(bytes + k_receive * k_page_size, k_entries,
                                      bytes + k_receive_completions * k_page_size,
                                      k_receive_completion_entries));
    return transmit_ring_.initialise(bytes + k_transmit * k_page_size,
                                     bytes + k_transmit_completions * k_page_size, k_entries);
}

Result<void> Vmxnet3::describe() {
    const PhysAddr page = UNIK_TRY(memory::allocate_zeroed_frame());
    auto* bytes = static_cast<std::uint8_t*>(arch::physical_pointer(page));
    auto& shared = *reinterpret_cast<Shared*>(bytes);
    auto& transmit = *reinterpret_cast<TransmitQueue*>(bytes + k_queues_offset);
    auto& receive =
        *reinterpret_cast<ReceiveQueue*>(bytes + k_queues_offset + sizeof(TransmitQueue));
    const auto ring_at = [this](RingPage ring) { return rings_.value + ring * k_page_size; };

    shared.magic = k_magic;
    Configuration& configuration = shared.configuration;
    configuration.driver_version = k_version_1;
    configuration.guest = k_guest_64_bits | k_guest_linux;
    configuration.versions_spoken = k_version_1;
    configuration.pass_through_versions_spoken = k_version_1;
    configuration.features = k_feature_receive_checksum;
    configuration.queues = page.value + k_queues_offset;
    configuration.queues_size = sizeof(TransmitQueue) + sizeof(ReceiveQueue);
    configuration.mtu = k_mtu;
    configuration.most_receive_fragments = 1;
    configuration.transmit_queues = 1;
    configuration.receive_queues = 1;
    shared.interrupts.count = 1;
    shared.filter.mode = mode::k_ours | mode::k_broadcast | mode::k_all_multicast;

    transmit.ring = ring_at(k_transmit);
    transmit.completions = ring_at(k_transmit_completions);
    transmit.ring_entries = transmit.completion_entries = k_entries;
    receive.rings[0] = ring_at(k_receive);
    receive.rings[1] = ring_at(k_receive_more);
    receive.completions = ring_at(k_receive_completions);
    receive.ring_entries[0] = k_entries;
    receive.completion_entries = k_receive_completion_entries;
    receive.ring_entries[1] = k_more_entries;

    shared_ = &shared;
    receive_queue_ = &receive;
    write(Register::shared_low, static_cast<std::uint32_t>(page.value));
    write(Register::shared_high, static_cast<std::uint32_t>(page.value >> 32));
    return {};
}

Result<void> Vmxnet3::prepare() {
    function_.enable();
    doorbells_ = UNIK_TRY(function_.map(k_bar_doorbells, 0, k_doorbell_bytes));
    registers_ = UNIK_TRY(function_.map(k_bar_registers, 0, k_register_bytes));
    command(Command::reset);
    UNIK_TRY(agree_on_version());
    const std::uint64_t address = read(Register::address_low) |
                                  static_cast<std::uint64_t>(read(Register::address_high)) << 32;
    __builtin_memcpy(mac_.bytes, &address, sizeof mac_.bytes);
    UNIK_TRY(create_rings());
    UNIK_TRY(describe());
    UNIK_TRY(function_.connect_interrupt(&Vmxnet3::interrupt, this));
    silence();
    if (ask(Command::activate) != 0) // what it answers with is its own error code
        return Errno::eio;
    command(Command::update_receive_mode);
    link_up_ = read_link();
    return {};
}

void Vmxnet3::interrupt(void* argument) {
    auto& card = *static_cast<Vmxnet3*>(argument);
    card.silence();
    (void)card.read(Register::interrupt_cause); // lowers the pin
    const std::uint32_t events = card.shared_ == nullptr ? 0 : card.shared_->events;
    if (events != 0) {
        card.write(Register::event_cause, events);
        if ((events & event::k_link) != 0)
            card.schedule_link_check();
        if ((events & (event::k_receive_error | event::k_transmit_error)) != 0)
            card.stopped_ = true;
    }
    card.schedule_work();
}

void Vmxnet3::publish_buffers() {
    ring(Doorbell::receive, receive_ring_.next());
}

net::RingCard::Received Vmxnet3::take_received() {
    const ReceiveRing::Frame frame = receive_ring_.take();
    if (receive_ring_.broken())
        give_up("the device completed a buffer that was not its turn");
    if (stopped_)
        give_up("the device reports an error and has stopped");
    return {frame.buffer, frame.size, frame.checksum};
}

void* Vmxnet3::take_transmitted() {
    void* owner = transmit_ring_.take_done();
    if (transmit_ring_.broken())
        give_up("the device completed a frame that was not its turn");
    return owner;
}

Result<void> attach(Device& device) {
    auto& function = static_cast<pci::Function&>(device);
    auto made = UNIK_TRY(try_make<Vmxnet3>(function));
    Vmxnet3& card = *made.release(); // its interrupt handler stays, whatever comes
    UNIK_TRY(card.prepare());
    net::register_device(card);
    return {};
}

} // namespace os::vmxnet3
