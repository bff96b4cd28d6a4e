// The SCSI host device (Virtual I/O Device 1.2, section 5.6): commands go out on the first request
// queue. The control and event queues are not used: what is plugged in later is not looked for, and
// no single command is taken back.
#pragma once

#include <scsi/host.hpp>
#include <threads/timer.hpp>
#include <virtio/queue.hpp>
#include <virtio/transport.hpp>

namespace os::virtio_scsi {

class VirtioScsi final : public scsi::Host {
public:
    VirtioScsi(virtio::Transport& transport, const char* place)
        : Host(slots_, place), transport_(transport) {}

    Result<void> prepare();

    std::size_t most_bytes() const override { return most_bytes_; }
    unsigned target_count() const override { return target_count_; }

private:
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

    Result<void> check_configuration();
    Result<void> create_queue();
    Shared& shared(unsigned slot) const;

    static void interrupt(void* host);
    static void collect(void* host);
    static void configuration_changed(void* host);
    static void check_status(void* host);

    virtio::Transport& transport_;
    virtio::Queue queue_;
    block::RequestSlots slots_{&VirtioScsi::collect, this};
    PhysAddr ring_;   // one page
    PhysAddr shared_; // one page, a Shared for each slot
    threads::Deferred collect_{&VirtioScsi::collect, this};
    threads::Deferred check_status_{&VirtioScsi::check_status, this};
    std::size_t most_bytes_ = 0;
    unsigned target_count_ = 0;
};

} // namespace os::virtio_scsi
