// Network interfaces between a driver and the stack. The driver owns its buffers; the stack may
// keep a received packet as long as it likes and gives it back through release().
//
// Nothing here is called in interrupt context.
#pragma once

#include <cstdint>

#include <foundation/list.hpp>
#include <foundation/result.hpp>
#include <foundation/span.hpp>

namespace os::net {

struct MacAddress {
    std::uint8_t bytes[6] = {};
};

enum class Checksum { unknown, verified };

// A received Ethernet frame, or a part of one: it lies in a chain of the driver's buffers.
struct Packet {
    std::uint8_t* data = nullptr;
    std::size_t size = 0;
    Packet* next = nullptr;
    Checksum checksum = Checksum::unknown; // of TCP or UDP; counts in the first part
    void (*release)(Packet&) = nullptr;    // gives this one part back
    // For whoever holds the packet.
    alignas(8) std::uint8_t holder_area[48] = {};
};

// A frame to send. The fragments' memory stays untouched until Stack::transmitted(owner).
struct Transmission {
    Span<const Bytes> fragments; // the first one holds all headers; at most k_most_fragments
    void* owner = nullptr;
    // Where the device computes a checksum (needs checksum_offload()): from checksum_start to the
    // end of the frame, stored at checksum_start + checksum_offset, where the sum of the pseudo
    // header stands already. 0: nowhere.
    std::uint16_t checksum_start = 0;
    std::uint16_t checksum_offset = 0;

    static constexpr std::size_t k_most_fragments = 16;
};

// What a driver tells the stack.
class Stack {
public:
    virtual void received(Packet& packet) = 0; // the stack owns the whole chain now
    virtual void transmitted(void* owner) = 0;
    virtual void transmit_possible() = 0; // after transmit() said eagain
    virtual void link_changed() = 0;
};

class NetworkDevice : public ListNode<> {
public:
    virtual ~NetworkDevice() = default;

    const char* name() const { return name_; }
    virtual MacAddress mac() const = 0;
    virtual std::uint16_t mtu() const = 0;
    virtual bool link_up() const = 0;
    virtual bool checksum_offload() const = 0;

    // Starts receiving.
    virtual void connect(Stack& stack) = 0;
    // eagain: the device's ring is full and transmit_possible() will follow.
    virtual Result<void> transmit(const Transmission& transmission) = 0;
    // Reports what has been sent by now; drivers need not ask for an interrupt for that.
    virtual void reclaim() = 0;

private:
    friend void register_device(NetworkDevice& device);
    char name_[8] = {};
};

// Drivers register what they attach to, for ever; the interfaces are named en0, en1, …
void register_device(NetworkDevice& device);
List<NetworkDevice>& registered_devices();

} // namespace os::net
