// A split virtqueue (Virtual I/O Device 1.2, section 2.7) with the event index (2.7.10).
//
// The driver offers chains of segments, the device uses them and says how much it wrote. The device
// is not trusted: which chains are out and how large they are is kept in memory that it cannot
// reach; an answer for something else breaks the queue for good, and none says more was written
// than there was room for.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/span.hpp>
#include <foundation/types.hpp>
#include <foundation/vector.hpp>

namespace os::virtio {

struct Segment {
    PhysAddr address;
    std::uint32_t size = 0;
};

// Memory that driver and device share, zeroed, contiguous and page-aligned.
struct QueueMemory {
    void* pointer = nullptr;
    PhysAddr address;
};

enum class EventIndex { no, yes };

class Queue {
public:
    static std::size_t memory_size(std::uint16_t entries);

    // `entries` is a power of two of at most 32768.
    Result<void> initialise(QueueMemory memory, std::uint16_t entries, EventIndex event_index);

    std::uint16_t entries() const { return entries_; }
    std::uint16_t free_entries() const { return free_count_; }
    PhysAddr descriptors() const { return memory_.address; }
    PhysAddr available() const;
    PhysAddr used() const;

    // Offers a chain: the device reads the first ones and writes the others. enospc when too few
    // entries are free. Seen by the device after publish().
    Result<void> add(Span<const Segment> readable, Span<const Segment> writable, void* token);
    enum class Notify { no, yes };
    // Shows the device what was added; whether it wants to be notified of it.
    Notify publish();

    struct Used {
        void* token = nullptr;
        std::uint32_t written = 0;
    };
    // The next chain that the device has done with.
    bool take_used(Used& out);
    // Whether the device broke the rules; nothing is taken any more then.
    bool broken() const { return broken_; }

    // No interrupts from now on (a hint: some may come).
    void disable_interrupts();
    // An interrupt once `after` more chains are used. False: they are used already.
    bool enable_interrupts(std::uint16_t after = 1);

private:
    struct Descriptor;
    struct Chain {
        void* token = nullptr;
        std::uint32_t writable = 0;
        std::uint16_t next_free = 0; // descriptor: of the free list, or of the chain
        std::uint16_t length = 0;    // 0: not the head of a chain that is out
        std::uint16_t last = 0;      // of the chain
    };
    volatile std::uint16_t& word(std::size_t offset) const;
    std::size_t available_offset() const;
    std::size_t used_offset() const;
    volatile std::uint16_t& used_event() const;
    std::uint16_t used_index() const;

    QueueMemory memory_;
    Vector<Chain> chains_;
    // Inside memory_.
    Descriptor* descriptors_ = nullptr;
    volatile std::uint16_t* available_ring_ = nullptr;
    const volatile std::uint32_t* used_ring_ = nullptr;
    std::uint16_t entries_ = 0;
    std::uint16_t free_head_ = 0;
    std::uint16_t free_count_ = 0;
    std::uint16_t added_ = 0;     // available index, not yet published
    std::uint16_t published_ = 0; // available index as the device sees it
    std::uint16_t taken_ = 0;     // used index up to which we have looked
    bool event_index_ = false;
    bool broken_ = false;
};

} // namespace os::virtio
