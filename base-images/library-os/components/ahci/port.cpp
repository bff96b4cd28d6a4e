// Starting and stopping: AHCI 1.3.1, 10.1.2, 10.3 and 10.4.2; commands: 5.5; errors: 6.2.2.
#include "port.hpp"

#include <arch/paging.hpp>

#include "command_memory.hpp"

namespace os::ahci {

namespace {
constexpr Nanoseconds k_millisecond{1'000'000};
constexpr Nanoseconds k_stop_patience{500'000'000};
constexpr Nanoseconds k_link_start{10'000'000};
constexpr Nanoseconds k_link_patience{1'000'000'000};
constexpr std::uint32_t k_all = 0xffffffff;
constexpr std::uint32_t k_busy = ata::Answer::k_busy | ata::Answer::k_data_request;
} // namespace

std::uint32_t Port::read(PortRegister which) {
    return controller_.registers.read32(k_first_port + index_ * k_port_size + which);
}

void Port::write(PortRegister which, std::uint32_t value) {
    controller_.registers.write32(k_first_port + index_ * k_port_size + which, value);
}

bool Port::wait_for(Nanoseconds patience, PortRegister which, std::uint32_t mask,
                    std::uint32_t wanted) {
    return threads::wait_until(alert_, {patience, k_millisecond},
                               [&] { return (read(which) & mask) == wanted; });
}

bool Port::connected() {
    const std::uint32_t status = read(k_link_status);
    return status != k_all && (status & k_link_detection) == k_link_established;
}

Result<void> Port::stop() {
    write(k_command, read(k_command) & ~k_command_start);
    return wait_for(k_stop_patience, k_command, k_command_running, 0) ? Result<void>()
                                                                      : Errno::etimedout;
}

Result<void> Port::halt() {
    write(k_port_interrupt_enable, 0);
    UNIK_TRY(stop());
    write(k_command, read(k_command) & ~k_command_receive);
    return wait_for(k_stop_patience, k_command, k_command_receiving, 0) ? Result<void>()
                                                                        : Errno::etimedout;
}

bool Port::connect() {
    const std::uint32_t command = read(k_command) & ~k_command_link_state;
    write(k_command, command | k_command_spin_up | k_command_power_on | k_command_active);
    // A link that was off until now gets the time that its first signals may take.
    if ((command & k_command_spin_up) == 0)
        (void)wait_for(k_link_start, k_link_status, k_link_detection, k_link_established);
    return connected();
}

// The device says that it is ready by its first frame, which stays unheard while errors from the
// link's start are noted.
Result<void> Port::wait_and_run(Nanoseconds patience) {
    write(k_link_errors, k_all);
    if (!wait_for(patience, k_task_file, k_busy, 0))
        return Errno::etimedout;
    if (read(k_signature) != k_signature_disk)
        return Errno::enodev;
    write(k_port_interrupts, k_all);
    __atomic_store_n(&events_, 0, __ATOMIC_RELAXED);
    write(k_port_interrupt_enable, k_wanted_interrupts);
    write(k_command, read(k_command) | k_command_start);
    return {};
}

Result<void> Port::start(PhysAddr memory) {
    UNIK_TRY(dma_.reserve());
    memory_ = memory;
    bytes_ = static_cast<std::uint8_t*>(arch::physical_pointer(memory));
    const std::uint64_t list = memory.value + k_list_offset;
    const std::uint64_t frames = memory.value + k_frames_offset;
    write(k_list, static_cast<std::uint32_t>(list));
    write(k_list_high, static_cast<std::uint32_t>(list >> 32));
    write(k_frames, static_cast<std::uint32_t>(frames));
    write(k_frames_high, static_cast<std::uint32_t>(frames >> 32));
    write(k_command, read(k_command) | k_command_receive);
    return wait_and_run(ata::k_patience);
}

Result<void> Port::reset() {
    const bool stopped = stop().ok();
    const std::uint32_t control = read(k_link_control) & ~k_link_detection;
    write(k_link_control, control | k_link_start_reset);
    (void)wait_for(k_millisecond, k_link_control, 0, k_all); // as long as it takes at least
    write(k_link_control, control);
    if (!stopped)
        return Errno::etimedout;
    if (!wait_for(k_link_patience, k_link_status, k_link_detection, k_link_established))
        return Errno::enodev;
    return wait_and_run(ata::k_patience);
}

void Port::cut_off() {
    if (!halt().ok())
        controller_.cut_off(controller_.argument);
}

void Port::collect() {
    const std::uint32_t events = read(k_port_interrupts);
    if (events == 0 || events == k_all)
        return;
    write(k_port_interrupts, events);
    controller_.registers.write32(k_interrupts, 1U << index_);
    __atomic_fetch_or(&events_, events, __ATOMIC_RELAXED);
    alert_.raise();
}

// A controller that is gone reads as all ones or, on some machines, as zeroes.
Port::State Port::look() {
    collect();
    const std::uint32_t command = read(k_command);
    if (!connected() || command == k_all || (command & k_command_receive) == 0)
        return State::gone;
    if ((events() & k_failures) != 0)
        return State::failed;
    return (read(k_issue) & 1) == 0 ? State::answered : State::under_way;
}

// After an error the port has stopped (6.2.2.1).
Result<void> Port::restart() {
    UNIK_TRY(stop());
    if ((read(k_task_file) & k_busy) != 0)
        return reset();
    return wait_and_run(ata::k_patience);
}

Result<ata::Answer> Port::finish(const ata::Command& command, std::size_t size) {
    const std::uint32_t task_file = read(k_task_file);
    ata::Answer answer{static_cast<std::uint8_t>(task_file),
                       static_cast<std::uint8_t>(task_file >> 8)};
    const std::uint32_t failures = events() & k_failures;
    if (failures != 0 || answer.failed()) {
        if ((failures & ~k_task_file_error) != 0)
            answer.error |= ata::Answer::k_transfer_checksum;
        answer.status |= ata::Answer::k_error;
        UNIK_TRY(restart());
        return answer;
    }
    // Some models of the controller count nothing; one that counts must have moved all.
    const std::uint32_t moved = moved_bytes(bytes_);
    const bool reads = command.protocol == ata::Protocol::dma_in;
    if (reads && moved != 0 && moved != size)
        return Errno::etimedout;
    return answer;
}

Result<ata::Answer> Port::execute(unsigned, const ata::Command& command, MutableBytes data) {
    const std::uint32_t before = __atomic_exchange_n(&events_, 0, __ATOMIC_RELAXED);
    if ((before & k_connection_changed) != 0)
        return Errno::etimedout; // who is there now?
    const PhysAddr address = UNIK_TRY(dma_.prepare(command, data));
    write_command(bytes_, memory_, command, address, data.size());
    State state = look();
    if (state == State::gone)
        return Errno::enodev;
    write(k_issue, 1);
    (void)threads::wait_until(alert_, {ata::k_patience},
                              [&] { return (state = look()) != State::under_way; });
    switch (state) {
    case State::under_way: return Errno::etimedout;
    case State::gone: return Errno::enodev;
    case State::answered:
    case State::failed: break;
    }
    const ata::Answer answer = UNIK_TRY(finish(command, data.size()));
    if (!answer.failed())
        dma_.finish(command, data);
    return answer;
}

} // namespace os::ahci
