// Commands and their answers.
#include <arch/paging.hpp>
#include <memory/frames.hpp>

#include "pvscsi.hpp"

namespace os::pvscsi {

namespace {

// Host statuses; the others mean that the command was lost.
constexpr std::uint16_t k_host_success = 0x00;
constexpr std::uint16_t k_host_linked = 0x0a;
constexpr std::uint16_t k_host_linked_with_flag = 0x0b;
constexpr std::uint16_t k_host_underrun = 0x0c;
constexpr std::uint16_t k_host_no_such_device = 0x11; // selection timed out
constexpr std::uint16_t k_host_wrong_length = 0x12;
constexpr std::uint16_t k_host_wrong_lun = 0x17;
constexpr std::uint16_t k_host_none = 0xffff; // ours: no completion came

constexpr std::uint8_t k_status_good = 0;
constexpr std::uint16_t k_most_luns = 256;

// READ and WRITE of any length have a doorbell of their own.
bool is_transfer(std::uint8_t operation) {
    const std::uint8_t within_group = operation & 0x1f;
    return within_group == 0x08 || within_group == 0x0a;
}

bool is_success(std::uint16_t host_status) {
    return host_status == k_host_success || host_status == k_host_linked ||
           host_status == k_host_linked_with_flag;
}

scsi::Delivery delivery(const Completion& completion) {
    const std::uint16_t status = completion.host_status;
    if (is_success(status) || status == k_host_underrun || status == k_host_wrong_length)
        return scsi::Delivery::answered;
    return status == k_host_no_such_device || status == k_host_wrong_lun
               ? scsi::Delivery::no_such_device
               : scsi::Delivery::lost;
}

// QEMU leaves the size at zero. Then success means all of it, and nothing else any of it.
std::size_t moved(const Completion& completion, std::size_t wanted) {
    if (completion.data_size > 0 && completion.data_size < wanted)
        return static_cast<std::size_t>(completion.data_size);
    const bool all = is_success(completion.host_status) || completion.data_size >= wanted;
    return all && completion.scsi_status == k_status_good ? wanted : 0;
}

} // namespace

void PvScsi::interrupt(void* argument) {
    auto& adapter = *static_cast<PvScsi*>(argument);
    const std::uint32_t causes = adapter.read(Register::interrupt_status) & k_interrupt_all;
    if (causes == 0)
        return;
    adapter.write(Register::interrupt_status, causes);
    adapter.collect_.schedule();
}

void PvScsi::collect(void* argument) {
    auto& adapter = *static_cast<PvScsi*>(argument);
    bool nonsense = false;
    Completion completion;
    while (!nonsense && adapter.rings_.take(completion)) {
        nonsense = completion.context >= k_most_requests;
        if (nonsense)
            break;
        const auto slot = static_cast<unsigned>(completion.context);
        adapter.completions_[slot] = completion;
        nonsense = !adapter.slots_.answer(slot);
    }
    if ((nonsense || adapter.rings_.broken()) && !adapter.slots_.failed())
        adapter.give_up("the adapter broke the rules of its rings");
}

Result<void> PvScsi::submit(unsigned slot, const scsi::Command& command) {
    const PhysAddr sense = sense_page_ + slot * k_sense_size;
    __builtin_memset(arch::physical_pointer(sense), 0, k_sense_size);
    completions_[slot] = {};
    completions_[slot].host_status = k_host_none;

    Request request;
    request.context = slot;
    request.sense = sense.value;
    request.sense_size = k_sense_size;
    request.flags = k_flag_no_data;
    if (!command.data.empty()) {
        request.data = memory::physical_address(command.data.data()).value;
        request.data_size = command.data.size();
        request.flags =
            command.direction == scsi::Data::to_device ? k_flag_to_device : k_flag_from_device;
    }
    __builtin_memcpy(request.command, command.bytes, command.size);
    request.command_size = command.size;
    request.lun[1] = static_cast<std::uint8_t>(command.address.lun);
    request.tag = k_simple_queue;
    request.target = command.address.target;
    rings_.add(request);
    write(is_transfer(command.bytes[0]) ? Register::kick_transfer : Register::kick_other, 0);
    return {};
}

scsi::Answer PvScsi::read_answer(unsigned slot, const scsi::Command& command) const {
    const Completion& completion = completions_[slot];
    scsi::Answer answer;
    answer.delivery = delivery(completion);
    answer.status = static_cast<std::uint8_t>(completion.scsi_status);
    answer.moved = moved(completion, command.data.size());
    answer.sense_size = completion.sense_size < k_sense_size ? completion.sense_size : k_sense_size;
    __builtin_memcpy(answer.sense, arch::physical_pointer(sense_page_ + slot * k_sense_size),
                     answer.sense_size);
    return answer;
}

Result<scsi::Answer> PvScsi::execute(const scsi::Command& command) {
    if (command.address.lun >= k_most_luns) {
        scsi::Answer nothing;
        nothing.delivery = scsi::Delivery::no_such_device;
        return nothing;
    }
    return Host::execute(command);
}

} // namespace os::pvscsi
