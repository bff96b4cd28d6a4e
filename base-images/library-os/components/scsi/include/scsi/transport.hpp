// What carries SCSI commands to their devices (virtio-scsi, PVSCSI).
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/span.hpp>

namespace os::scsi {

struct Address {
    std::uint8_t target = 0;
    std::uint16_t lun = 0; // below 16384 (flat addressing)
};

enum class Data { none, from_device, to_device };

struct Command {
    Address address;
    std::uint8_t bytes[16] = {}; // the command descriptor block
    std::uint8_t size = 0;       // of it
    Data direction = Data::none;
    MutableBytes data; // physically contiguous kernel memory
};

// How far a command came.
enum class Delivery {
    answered,       // there is a status
    no_such_device, // nothing is at that address, or not any more
    lost,           // on the way; another try may do better
    silence,        // nothing came within the patience; the transport has started again
};

struct Answer {
    Delivery delivery = Delivery::lost;
    std::uint8_t status = 0;
    std::size_t moved = 0; // bytes of data
    std::uint8_t sense[96] = {};
    std::size_t sense_size = 0;
};

class Transport {
public:
    virtual ~Transport() = default;

    // Blocks the calling thread; several may call at once. The data's memory is the caller's again
    // once this returns. eio: the transport has failed for good.
    virtual Result<Answer> execute(const Command& command) = 0;
    // The most bytes of data of one command.
    virtual std::size_t most_bytes() const = 0;
    // Targets are numbered below this.
    virtual unsigned target_count() const = 0;
};

// Looks for disks at every target and registers them. They live for ever, as the transport must.
// Finding none is no error.
Result<void> find_disks(Transport& transport);

} // namespace os::scsi
