#include "channel.hpp"

#include <arch/paging.hpp>
#include <clock/clock.hpp>

namespace os::ide {

using ata::Answer;

namespace {
constexpr Nanoseconds k_millisecond{1'000'000};
} // namespace

Result<void> Channel::start() {
    if (ports_.read(Register::status) == k_nobody)
        return Errno::enodev;
    if (mover_ == ata::Mover::bus_master)
        UNIK_TRY(dma_.reserve());
    ports_.write(Register::control, 0);
    return {};
}

void Channel::collect() {
    if (mover_ == ata::Mover::processor) {
        (void)ports_.read(Register::status);
        alert_.raise();
        return;
    }
    const std::uint8_t status = ports_.read(Register::master_status);
    if (status == k_nobody || (status & k_master_interrupt) == 0)
        return; // the line is shared
    (void)ports_.read(Register::status);
    // Writing ones clears: not the error, that is for who waits.
    ports_.write(Register::master_status,
                 static_cast<std::uint8_t>(status & ~(k_master_error | k_master_start)));
    __atomic_fetch_or(&events_, status, __ATOMIC_RELAXED);
    alert_.raise();
}

// A device takes 400 ns until its status speaks of the new command or device; a read takes at least
// 100.
void Channel::settle() {
    for (int i = 0; i < 5; ++i)
        (void)ports_.read(Register::control);
}

template <typename Condition>
bool Channel::wait_for_status(Condition condition) {
    const Nanoseconds left = deadline_ - clock::monotonic();
    return threads::wait_until(alert_, {left, k_millisecond}, [&] {
        const std::uint8_t status = ports_.read(Register::control);
        return status == k_nobody || condition(status);
    });
}

bool Channel::wait_while_busy() {
    return wait_for_status([](std::uint8_t status) { return (status & Answer::k_busy) == 0; });
}

// The status of a place without a device is zero where the other device answers for it.
Result<void> Channel::select(unsigned unit) {
    if (!wait_while_busy())
        return Errno::etimedout;
    ports_.write(Register::device, ata::identify_command().device_register(unit));
    settle();
    const bool idle = wait_for_status([](std::uint8_t status) {
        return (status & (Answer::k_busy | Answer::k_data_request)) == 0;
    });
    const std::uint8_t status = ports_.read(Register::control);
    if (status == k_nobody || status == 0)
        return Errno::enodev;
    return idle ? Result<void>() : Errno::etimedout;
}

void Channel::write_command(unsigned unit, const ata::Command& command) {
    if (command.width == ata::Width::bits_48) {
        ports_.write(Register::count, static_cast<std::uint8_t>(command.count >> 8));
        ports_.write(Register::lba_low, command.lba_byte(3));
        ports_.write(Register::lba_middle, command.lba_byte(4));
        ports_.write(Register::lba_high, command.lba_byte(5));
    }
    ports_.write(Register::error, 0);
    ports_.write(Register::count, static_cast<std::uint8_t>(command.count));
    ports_.write(Register::lba_low, command.lba_byte(0));
    ports_.write(Register::lba_middle, command.lba_byte(1));
    ports_.write(Register::lba_high, command.lba_byte(2));
    ports_.write(Register::device, command.device_register(unit));
    ports_.write(Register::status, command.opcode);
    settle();
}

Result<Answer> Channel::answer() {
    const Answer answer{ports_.read(Register::status), ports_.read(Register::error)};
    if (answer.status == k_nobody)
        return Errno::enodev;
    // Data that nobody asked for: it speaks of something else.
    if ((answer.status & Answer::k_busy) != 0 ||
        (!answer.failed() && (answer.status & Answer::k_data_request) != 0))
        return Errno::etimedout;
    return answer;
}

Result<Answer> Channel::move_by_processor(unsigned unit, const ata::Command& command,
                                          MutableBytes data) {
    write_command(unit, command);
    while (!data.empty()) {
        const bool ready = wait_for_status([](std::uint8_t status) {
            return (status & Answer::k_busy) == 0 &&
                   (status & (Answer::k_data_request | Answer::k_error | Answer::k_fault)) != 0;
        });
        if (!ready)
            return Errno::etimedout;
        const std::uint8_t status = ports_.read(Register::control);
        if (status == k_nobody || (status & (Answer::k_error | Answer::k_fault)) != 0)
            return answer();
        const MutableBytes block = data.part(0, command.block_bytes);
        if (command.to_device())
            ports_.write_data(block);
        else
            ports_.read_data(block);
        data = data.part(block.size());
        settle();
    }
    return wait_while_busy() ? answer() : Errno::etimedout;
}

Result<Answer> Channel::move_by_bus_master(unsigned unit, const ata::Command& command,
                                           MutableBytes data) {
    const PhysAddr address = UNIK_TRY(dma_.prepare(command, data));
    (void)describe(address.value, data.size(),
                   *static_cast<Region(*)[k_most_regions]>(arch::physical_pointer(table_)));
    const std::uint8_t direction = command.to_device() ? 0 : k_master_to_memory;
    ports_.write(Register::master_command, direction);
    ports_.write(Register::master_status,
                 static_cast<std::uint8_t>(ports_.read(Register::master_status) | k_master_error |
                                           k_master_interrupt));
    ports_.set_region_table(static_cast<std::uint32_t>(table_.value));
    __atomic_store_n(&events_, 0, __ATOMIC_RELAXED);
    write_command(unit, command);
    ports_.write(Register::master_command, static_cast<std::uint8_t>(direction | k_master_start));
    const auto ended = [&] {
        collect();
        return __atomic_load_n(&events_, __ATOMIC_RELAXED) != 0 ||
               ports_.read(Register::control) == k_nobody;
    };
    const bool in_time = threads::wait_until(alert_, {ata::k_patience}, ended);
    const std::uint8_t status = ports_.read(Register::master_status);
    ports_.write(Register::master_command, 0);
    if (!in_time)
        return Errno::etimedout;
    Answer answer = UNIK_TRY(this->answer());
    if ((status & k_master_error) != 0 && !answer.failed())
        answer = {Answer::k_error, Answer::k_transfer_checksum};
    if (!answer.failed())
        dma_.finish(command, data);
    return answer;
}

Result<Answer> Channel::execute(unsigned unit, const ata::Command& command, MutableBytes data) {
    deadline_ = clock::monotonic() + ata::k_patience;
    UNIK_TRY(select(unit));
    const bool by_bus_master =
        command.protocol == ata::Protocol::dma_in || command.protocol == ata::Protocol::dma_out;
    return by_bus_master ? move_by_bus_master(unit, command, data)
                         : move_by_processor(unit, command, data);
}

// ATA8-APT, 8.2: software reset.
Result<void> Channel::reset() {
    cut_off();
    ports_.write(Register::control, k_software_reset);
    (void)threads::wait_until(alert_, {k_millisecond, k_millisecond}, [] { return false; });
    ports_.write(Register::control, 0);
    const Nanoseconds until_status_speaks{2 * k_millisecond.value};
    (void)threads::wait_until(alert_, {until_status_speaks, k_millisecond}, [] { return false; });
    deadline_ = clock::monotonic() + ata::k_patience;
    if (!wait_while_busy())
        return Errno::etimedout;
    return ports_.read(Register::control) == k_nobody ? Result<void>(Errno::enodev)
                                                      : Result<void>();
}

void Channel::cut_off() {
    if (mover_ == ata::Mover::bus_master)
        ports_.write(Register::master_command, 0);
}

} // namespace os::ide
