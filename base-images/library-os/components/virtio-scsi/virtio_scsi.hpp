// The SCSI host device (Virtual I/O Device 1.2, section 5.6): commands go out on the first request
// queue. The control and event queues are not used: what is plugged in later is not looked for, and
// no single command is taken back.
#pragma once

#include <scsi/host.hpp>
#include <virtio-requests/request_queue.hpp>
#include <virtio/transport.hpp>

namespace os::virtio_scsi {

class VirtioScsi final : public scsi::Host {
public:
    VirtioScsi(virtio::Transport& transport, const char* place)
        : Host(place), transport_(transport),
          requests_(transport, {k_queue, sizeof(Shared)}, {&VirtioScsi::device_failed, this}) {}

    Result<void> prepare();

    std::size_t most_bytes() const override { return most_bytes_; }
    unsigned target_count() const override { return target_count_; }

private:
    static constexpr std::uint16_t k_queue = 2; // the first for requests
    static constexpr std::size_t k_command_size = 32;
    static constexpr std::size_t k_sense_size = 96;

    // 5.6.6.1; with the sizes above, which are the device's own.
    struct [[gnu::packed]] Request {
        std::uint8_t lun[8] = {};
        std::uint64_t id = 0;
        std::uint8_t attribute = 0;
        std::uint8_t priority = 0;
        std::uint8_t reserved = 0;
        std::uint8_t command[k_command_size] = {};
    };
    static_assert(sizeof(Request) == 51);
    struct [[gnu::packed]] Response {
        std::uint32_t sense_size = 0;
        std::uint32_t residual = 0;
        std::uint16_t status_qualifier = 0;
        std::uint8_t status = 0;
        std::uint8_t response = k_response_none;
        std::uint8_t sense[k_sense_size] = {};
    };
    static_assert(sizeof(Response) == 108);
    struct Shared {
        Request request;
        std::uint8_t padding[13] = {};
        Response response;
        std::uint8_t end[84] = {};
    };
    static_assert(sizeof(Shared) == 256);

    static constexpr std::uint8_t k_response_none = 0xff; // ours: the device wrote nothing

    Result<void> submit(unsigned slot, const scsi::Command& command) override;
    scsi::Answer read_answer(unsigned slot, const scsi::Command& command) const override;
    Result<void> bring_up() override;
    void stop() override;
    block::RequestSlots& slots() override { return requests_.slots(); }

    Result<void> check_configuration();

    static void device_failed(void* host, const char* why);

    virtio::Transport& transport_;
    virtio_requests::RequestQueue requests_;
    std::size_t most_bytes_ = 0;
    unsigned target_count_ = 0;
};

} // namespace os::virtio_scsi
