// Bringing the adapter up, and up again.
#include <arch/paging.hpp>
#include <foundation/own.hpp>
#include <memory/frames.hpp>

#include "pvscsi.hpp"

namespace os::pvscsi {

Result<void> attach(Device& device);

namespace {
constexpr unsigned k_registers_bar = 0;
constexpr std::uint32_t k_usual_targets = 16; // of an adapter that cannot tell
} // namespace

void PvScsi::write(Register reg, std::uint32_t value) {
    *(registers_ + static_cast<unsigned>(reg)).as<volatile std::uint32_t>() = value;
}

std::uint32_t PvScsi::read(Register reg) const {
    return *(registers_ + static_cast<unsigned>(reg)).as<volatile std::uint32_t>();
}

void PvScsi::set_up_rings() {
    rings_.initialise(arch::physical_pointer(state_page_), arch::physical_pointer(request_page_),
                      arch::physical_pointer(completion_page_));
    RingSetup setup;
    setup.request_pages = 1;
    setup.completion_pages = 1;
    setup.state_page = state_page_.value / k_page_size;
    setup.request_page[0] = request_page_.value / k_page_size;
    setup.completion_page[0] = completion_page_.value / k_page_size;
    write(Register::command, k_command_set_up_rings);
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < sizeof setup; i += sizeof word) {
        __builtin_memcpy(&word, reinterpret_cast<const std::uint8_t*>(&setup) + i, sizeof word);
        write(Register::command_data, word);
    }
    write(Register::interrupt_status, k_interrupt_all);
    write(Register::interrupt_mask, k_interrupt_completion);
}

Result<void> PvScsi::prepare() {
    function_.enable();
    registers_ = UNIK_TRY(function_.map(k_registers_bar, 0, k_registers_size));
    state_page_ = UNIK_TRY(memory::allocate_zeroed_frame());
    request_page_ = UNIK_TRY(memory::allocate_zeroed_frame());
    completion_page_ = UNIK_TRY(memory::allocate_zeroed_frame());
    sense_page_ = UNIK_TRY(memory::allocate_zeroed_frame());
    static_assert(k_most_requests * k_sense_size <= k_page_size);
    static_assert(k_most_requests <= k_request_entries);
    slots_.set_count(k_most_requests);

    write(Register::command, k_command_reset);
    write(Register::interrupt_mask, 0);
    write(Register::command, k_command_most_targets);
    const std::uint32_t targets = read(Register::command_status);
    target_count_ = targets == k_command_failed || targets == 0 ? k_usual_targets : targets;
    set_up_rings(); // before an interrupt may look at them
    return function_.connect_interrupt(&PvScsi::interrupt, this);
}

Result<void> PvScsi::bring_up() {
    write(Register::command, k_command_reset);
    set_up_rings();
    return {};
}

void PvScsi::stop() {
    write(Register::command, k_command_reset);
    write(Register::interrupt_mask, 0);
    slots_.fail_all();
}

Result<void> attach(Device& device) {
    auto& function = static_cast<pci::Function&>(device);
    auto made = UNIK_TRY(try_make<PvScsi>(function));
    PvScsi& adapter = *made.release(); // its interrupt handler stays, whatever comes
    UNIK_TRY(adapter.prepare());
    return scsi::find_disks(adapter);
}

} // namespace os::pvscsi
