// A virtio device behind whatever carries it (PCI, MMIO). Its match name is "virtio:N" with the
// device type's number (Virtual I/O Device 1.2, section 5).
#pragma once

#include <cstdint>

#include <devices/device.hpp>
#include <foundation/types.hpp>

namespace os::virtio {

struct QueueAddresses {
    std::uint16_t entries = 0;
    PhysAddr descriptors;
    PhysAddr available;
    PhysAddr used;
};

// Run in interrupt context.
struct InterruptHandlers {
    void (*queue_used)(void*) = nullptr;
    void (*configuration_changed)(void*) = nullptr;
    void* argument = nullptr;
};

class Transport : public Device {
public:
    virtual std::uint8_t status() = 0;
    virtual void set_status(std::uint8_t status) = 0;
    virtual std::uint64_t device_features() = 0;
    virtual void set_driver_features(std::uint64_t features) = 0;
    // How many entries the queue can have; 0: there is no such queue.
    virtual std::uint16_t queue_limit(std::uint16_t index) = 0;
    virtual Result<void> enable_queue(std::uint16_t index, const QueueAddresses& queue) = 0;
    virtual void notify(std::uint16_t queue) = 0;
    // Fails with eio when the device keeps changing it.
    virtual Result<void> read_config(unsigned offset, MutableBytes out) = 0;
    // Called once, before queues are enabled. The handlers stay for ever, even if this fails.
    virtual Result<void> connect_interrupts(const InterruptHandlers& handlers) = 0;

    template <typename T>
    Result<T> config(unsigned offset) {
        T value{};
        UNIK_TRY(read_config(offset, {reinterpret_cast<std::uint8_t*>(&value), sizeof value}));
        return value;
    }

protected:
    // Fills in the names; `place` ends in NUL.
    void name(unsigned device_type, const char* place);
};

inline constexpr std::uint64_t k_feature_event_index = 1ULL << 29;
inline constexpr std::uint64_t k_feature_version_1 = 1ULL << 32;

// Stops the device; it touches no memory any more once this returns. eio when it does not listen.
Result<void> reset(Transport& transport);
// 3.1.1, up to FEATURES_OK: resets the device and agrees on features; returns those that both sides
// have. Only version 1 of the standard is spoken: enodev for an older device.
Result<std::uint64_t> negotiate(Transport& transport, std::uint64_t wanted);
// The last step: the device may work from now on.
void start_device(Transport& transport);
// The driver gave up, or the device broke the rules.
void fail_device(Transport& transport);

} // namespace os::virtio
