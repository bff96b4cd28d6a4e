// Commands and their answers (5.6.6.1).
#include <memory/frames.hpp>

#include "virtio_scsi.hpp"

namespace os::virtio_scsi {

namespace {
constexpr std::uint8_t k_response_ok = 0;
constexpr std::uint8_t k_response_overrun = 1;
constexpr std::uint8_t k_response_bad_target = 3;
constexpr std::uint8_t k_single_level = 1;
constexpr std::uint16_t k_flat_addressing = 0x4000;

scsi::Delivery delivery(std::uint8_t response) {
    switch (response) {
    case k_response_ok:
    case k_response_overrun: return scsi::Delivery::answered;
    case k_response_bad_target: return scsi::Delivery::no_such_device;
    default: return scsi::Delivery::lost;
    }
}
} // namespace

Result<void> VirtioScsi::submit(unsigned slot, const scsi::Command& command) {
    auto& memory = requests_.memory<Shared>(slot);
    memory = {};
    memory.request.id = slot;
    memory.request.lun[0] = k_single_level;
    memory.request.lun[1] = command.address.target;
    const auto lun = static_cast<std::uint16_t>(command.address.lun | k_flat_addressing);
    memory.request.lun[2] = static_cast<std::uint8_t>(lun >> 8);
    memory.request.lun[3] = static_cast<std::uint8_t>(lun);
    __builtin_memcpy(memory.request.command, command.bytes, command.size);

    const PhysAddr at = requests_.address(slot);
    virtio::Segment out[2] = {{at + offsetof(Shared, request), sizeof(Request)}, {}};
    virtio::Segment in[2] = {{at + offsetof(Shared, response), sizeof(Response)}, {}};
    std::size_t readable = 1;
    std::size_t writable = 1;
    if (!command.data.empty()) {
        const virtio::Segment data{memory::physical_address(command.data.data()),
                                   static_cast<std::uint32_t>(command.data.size())};
        if (command.direction == scsi::Data::to_device)
            out[readable++] = data;
        else
            in[writable++] = data;
    }
    return requests_.submit(slot, {out, readable}, {in, writable});
}

// The device may write to its memory at any time: what it says is copied before it is looked at.
scsi::Answer VirtioScsi::read_answer(unsigned slot, const scsi::Command& command) const {
    Response response;
    __builtin_memcpy(&response, &requests_.memory<Shared>(slot).response, sizeof response);
    scsi::Answer answer;
    answer.delivery = delivery(response.response);
    answer.status = response.status;
    const std::size_t wanted = command.data.size();
    answer.moved = response.residual < wanted ? wanted - response.residual : 0;
    answer.sense_size = response.sense_size < k_sense_size ? response.sense_size : k_sense_size;
    static_assert(sizeof answer.sense == k_sense_size);
    __builtin_memcpy(answer.sense, response.sense, answer.sense_size);
    return answer;
}

} // namespace os::virtio_scsi
