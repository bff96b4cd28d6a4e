// Switching on and off: 1.4, 7.6.1 and 3.1.5; administration: clause 5.
#include "controller.hpp"

#include <arch/paging.hpp>
#include <memory/frames.hpp>

namespace os::nvme {

namespace {
constexpr unsigned k_admin_entries = 4;
constexpr Nanoseconds k_millisecond{1'000'000};

// Identify (5.15): what of.
constexpr std::uint8_t k_namespace = 0;
constexpr std::uint8_t k_controller = 1;
constexpr std::uint8_t k_active_namespaces = 2;

constexpr std::uint32_t k_number_of_queues = 7; // a feature (5.21.1.7)
constexpr std::uint32_t k_contiguous = 1U << 0; // of a queue (5.3, 5.4)
constexpr std::uint32_t k_interrupts = 1U << 1;
} // namespace

void* Controller::page(Page which) const {
    return arch::physical_pointer(pages_[which]);
}

void Controller::write64(unsigned offset, std::uint64_t value) {
    bus_.registers.write32(offset, static_cast<std::uint32_t>(value));
    bus_.registers.write32(offset + 4, static_cast<std::uint32_t>(value >> 32));
}

bool Controller::wait_for_ready(std::uint32_t ready) {
    threads::Alert nobody;
    const Nanoseconds patience{bus_.capabilities.ready_milliseconds * k_millisecond.value};
    std::uint32_t status = 0;
    (void)threads::wait_until(nobody, {patience, k_millisecond}, [&] {
        status = bus_.registers.read32(k_status);
        return (status & k_status_ready) == ready || (ready != 0 && (status & k_status_fatal) != 0);
    });
    return status != k_all && (status & k_status_ready) == ready;
}

// A controller that is gone reads as all ones or, on some machines, as zeroes.
Result<void> Controller::switch_off() {
    const std::uint32_t version = bus_.registers.read32(k_version);
    if (version == k_all || version == 0)
        return Errno::enodev;
    const std::uint32_t configuration = bus_.registers.read32(k_configuration);
    bus_.registers.write32(k_configuration, configuration & ~k_enable);
    return wait_for_ready(0) ? Result<void>() : Errno::etimedout;
}

void Controller::stop() {
    if (!switch_off().ok())
        bus_.cut_off(bus_.argument);
}

void Controller::clear_queues() {
    const unsigned most = bus_.capabilities.most_entries;
    const LockGuard guard(lock_); // an interrupt that comes late must find them whole
    for (const PhysAddr page : pages_)
        __builtin_memset(arch::physical_pointer(page), 0, k_page_size);
    admin_.initialise(k_admin, k_admin_entries, static_cast<Command*>(page(admin_commands)),
                      static_cast<volatile Completion*>(page(admin_completions)));
    io_.initialise(k_io, most < QueuePair::k_most_entries ? most : QueuePair::k_most_entries,
                   static_cast<Command*>(page(io_commands)),
                   static_cast<volatile Completion*>(page(io_completions)));
}

Result<void> Controller::switch_on() {
    clear_queues();
    bus_.registers.write32(k_admin_queue_sizes,
                           (k_admin_entries - 1) << 16 | (k_admin_entries - 1));
    write64(k_admin_commands, pages_[admin_commands].value);
    write64(k_admin_completions, pages_[admin_completions].value);
    bus_.registers.write32(k_configuration, k_configuration_wanted);
    bus_.registers.write32(k_configuration, k_configuration_wanted | k_enable);
    if (!wait_for_ready(k_status_ready))
        return Errno::etimedout;
    const ControllerIdentity found =
        UNIK_TRY(parse_controller(UNIK_TRY(identify(k_controller, 0))));
    if (state_ == State::resetting &&
        __builtin_memcmp(found.serial, identity_.serial, sizeof found.serial) != 0)
        return Errno::enodev;
    identity_ = found;
    return create_queues();
}

Result<void> Controller::create_queues() {
    const std::uint32_t queue = (io_.entries() - 1) << 16 | k_io;
    const Command commands[] = {
        {.opcode = static_cast<std::uint8_t>(AdminOpcode::set_features),
         .words = {k_number_of_queues, std::uint32_t{0}}}, // one of each
        {.opcode = static_cast<std::uint8_t>(AdminOpcode::create_completions),
         .data = {pages_[io_completions].value},
         .words = {queue, k_contiguous | k_interrupts}},
        {.opcode = static_cast<std::uint8_t>(AdminOpcode::create_commands),
         .data = {pages_[io_commands].value},
         .words = {queue, static_cast<std::uint32_t>(k_io) << 16 | k_contiguous}},
    };
    for (const Command& command : commands)
        UNIK_TRY(administer(command));
    return {};
}

Result<void> Controller::start() {
    for (PhysAddr& page : pages_)
        page = UNIK_TRY(memory::allocate_zeroed_frame());
    const Result<void> off = switch_off();
    const Result<void> on = off.ok() ? switch_on() : off;
    if (!on.ok()) {
        stop();
        return on;
    }
    state_ = State::working;
    return {};
}

Result<Bytes> Controller::identify(std::uint8_t what, std::uint32_t namespace_id) {
    UNIK_TRY(administer({.opcode = static_cast<std::uint8_t>(AdminOpcode::identify),
                         .namespace_id = namespace_id,
                         .data = {pages_[answer].value},
                         .words = {static_cast<std::uint32_t>(what)}}));
    return Bytes(static_cast<const std::uint8_t*>(page(answer)), k_identify_size);
}

Result<std::size_t> Controller::list_namespaces(Span<std::uint32_t> out) {
    std::size_t count = 0;
    const Result<Bytes> list = bus_.registers.read32(k_version) >= k_version_1_1
                                   ? identify(k_active_namespaces, 0)
                                   : Result<Bytes>(Errno::enosys);
    if (!list.ok()) { // then all there may be; those that are not have no sectors
        for (; count < out.size() && count < identity_.namespaces; ++count)
            out[count] = static_cast<std::uint32_t>(count + 1);
        return count;
    }
    const auto* ids = reinterpret_cast<const vocabulary::Le32*>(list.value().data());
    std::uint32_t last = 0;
    for (; count < out.size() && ids[count] > last; ++count)
        out[count] = last = ids[count];
    return count;
}

Result<NamespaceIdentity> Controller::identify_namespace(std::uint32_t id) {
    return parse_namespace(UNIK_TRY(identify(k_namespace, id)));
}

} // namespace os::nvme
