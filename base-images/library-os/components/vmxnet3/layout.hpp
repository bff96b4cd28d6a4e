// Registers, and what driver and device share in memory. VMware publishes no specification; these
// are the facts of its interface's version 1 as the free operating systems' drivers agree on them.
#pragma once

#include <cstdint>

namespace os::vmxnet3 {

// BAR 0: doorbells. Only queue 0 and interrupt 0 are used.
inline constexpr unsigned k_bar_doorbells = 0;
inline constexpr std::uint64_t k_doorbell_bytes = 0x1000;
enum class Doorbell : std::uint32_t {
    interrupt_mask = 0x000,
    transmit = 0x600,
    receive = 0x800,
};

// BAR 1: the rest.
inline constexpr unsigned k_bar_registers = 1;
inline constexpr std::uint64_t k_register_bytes = 0x1000;
enum class Register : std::uint32_t {
    device_version = 0x00,
    pass_through_version = 0x08,
    shared_low = 0x10,
    shared_high = 0x18,
    command = 0x20,
    address_low = 0x28,
    address_high = 0x30,
    interrupt_cause = 0x38,
    event_cause = 0x40,
};

enum class Command : std::uint32_t {
    activate = 0xcafe0000,
    quiesce = 0xcafe0001,
    reset = 0xcafe0002,
    update_receive_mode = 0xcafe0003,
    get_link = 0xf00d0002, // answers by the same register: bit 0 is "up"
};

inline constexpr std::uint32_t k_magic = 0xbabefee1;
inline constexpr std::uint32_t k_version_1 = 1;
inline constexpr std::uint32_t k_guest_64_bits = 2;
inline constexpr std::uint32_t k_guest_linux = 1 << 2; // the device knows no other that fits
inline constexpr std::uint64_t k_feature_receive_checksum = 1;

namespace mode {
inline constexpr std::uint32_t k_ours = 1 << 0;
inline constexpr std::uint32_t k_broadcast = 1 << 2;
inline constexpr std::uint32_t k_all_multicast = 1 << 3;
} // namespace mode

namespace event {
inline constexpr std::uint32_t k_receive_error = 1 << 0;
inline constexpr std::uint32_t k_transmit_error = 1 << 1;
inline constexpr std::uint32_t k_link = 1 << 2;
} // namespace event

struct Configuration {
    std::uint32_t driver_version;
    std::uint32_t guest;
    std::uint32_t versions_spoken; // a bit each
    std::uint32_t pass_through_versions_spoken;
    std::uint64_t features;
    std::uint64_t driver_data;
    std::uint64_t queues; // TransmitQueue, then ReceiveQueue
    std::uint32_t driver_data_size;
    std::uint32_t queues_size;
    std::uint32_t mtu;
    std::uint16_t most_receive_fragments;
    std::uint8_t transmit_queues;
    std::uint8_t receive_queues;
    std::uint32_t reserved[4];
};
static_assert(sizeof(Configuration) == 72);

struct Interrupts {
    std::uint8_t mask_automatically;
    std::uint8_t count;
    std::uint8_t of_events;
    std::uint8_t moderation[25];
    std::uint32_t control;
    std::uint32_t reserved[2];
};
static_assert(sizeof(Interrupts) == 40);

struct ReceiveFilter {
    std::uint32_t mode;
    std::uint16_t multicast_size;
    std::uint16_t pad;
    std::uint64_t multicast_table;
    std::uint32_t vlans[128];
};
static_assert(sizeof(ReceiveFilter) == 528);

struct Table { // scaling, wake-up patterns, plug-ins: unused
    std::uint32_t version;
    std::uint32_t size;
    std::uint64_t address;
};

struct Shared {
    std::uint32_t magic;
    std::uint32_t pad;
    Configuration configuration;
    Interrupts interrupts;
    ReceiveFilter filter;
    Table tables[3];
    std::uint32_t events;
    std::uint32_t reserved[5];
};
static_assert(__builtin_offsetof(Shared, events) == 696);
static_assert(sizeof(Shared) == 720);

struct QueueStatus {
    std::uint8_t stopped;
    std::uint8_t pad[3];
    std::uint32_t error;
};

struct TransmitQueue {
    std::uint32_t deferred;
    std::uint32_t threshold;
    std::uint64_t reserved;
    std::uint64_t ring;
    std::uint64_t data_ring;
    std::uint64_t completions;
    std::uint64_t driver_data;
    std::uint64_t reserved_too;
    std::uint32_t ring_entries;
    std::uint32_t data_ring_entries;
    std::uint32_t completion_entries;
    std::uint32_t driver_data_size;
    std::uint8_t interrupt;
    std::uint8_t pad[7];
    QueueStatus status;
    std::uint64_t statistics[10];
    std::uint8_t pad_to_size[88];
};
static_assert(sizeof(TransmitQueue) == 256);

struct ReceiveQueue {
    std::uint8_t update_doorbell; // whether the device wants to be told of new buffers
    std::uint8_t pad[7];
    std::uint64_t reserved;
    std::uint64_t rings[2];
    std::uint64_t completions;
    std::uint64_t driver_data;
    std::uint64_t reserved_too;
    std::uint32_t ring_entries[2];
    std::uint32_t completion_entries;
    std::uint32_t driver_data_size;
    std::uint8_t interrupt;
    std::uint8_t pad_more[7];
    QueueStatus status;
    std::uint64_t statistics[10];
    std::uint8_t pad_to_size[88];
};
static_assert(sizeof(ReceiveQueue) == 256);

// An entry belongs to the device while its generation bit has the ring's current value, which
// changes with each round.
struct TransmitDescriptor {
    std::uint64_t address;
    std::uint32_t what;
    std::uint32_t offload;
};
namespace transmit {
inline constexpr std::uint32_t k_generation = 1U << 14; // of `what`; below it the size
inline constexpr unsigned k_checksum_shift = 18;        // of `what`: where the checksum goes
inline constexpr std::uint32_t k_longest = (1U << 14) - 1;
inline constexpr std::uint32_t k_insert_checksum = 2U << 10; // of `offload`; below: from where on
inline constexpr std::uint32_t k_end_of_packet = 1U << 12;
inline constexpr std::uint32_t k_report = 1U << 13;
} // namespace transmit

struct TransmitCompletion {
    std::uint32_t index; // of the frame's last descriptor, in the low 12 bits
    std::uint32_t unused[2];
    std::uint32_t what;
};

struct ReceiveDescriptor {
    std::uint64_t address;
    std::uint32_t what; // size; type 0: a frame's first buffer
    std::uint32_t unused;
};
inline constexpr std::uint32_t k_generation = 1U << 31; // of all but transmit descriptors

struct ReceiveCompletion {
    std::uint32_t index;
    std::uint32_t hash;
    std::uint32_t size;
    std::uint32_t what;
};
namespace completion {
inline constexpr std::uint32_t k_index = 0xfff;
inline constexpr std::uint32_t k_end_of_packet = 1U << 14; // of `index`
inline constexpr std::uint32_t k_start_of_packet = 1U << 15;
inline constexpr std::uint32_t k_size = 0x3fff; // of `size`
inline constexpr std::uint32_t k_error = 1U << 14;
inline constexpr std::uint32_t k_checked = 1U << 16; // of `what`: TCP or UDP, and right
inline constexpr std::uint32_t k_frame_right = 1U << 23;
} // namespace completion

} // namespace os::vmxnet3
