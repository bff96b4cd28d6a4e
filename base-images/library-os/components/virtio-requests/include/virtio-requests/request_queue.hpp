// A virtio device's queue of requests, each under a number of RequestSlots and with a piece of
// memory of its own, which the device reads and writes beside the data.
//
// Answers arrive by interrupt, which only schedules work; who waits sleeps in the slots. A device
// that breaks the rules or reports its own failure is to be given up by its driver: it is reset, so
// that it touches no memory any more, and every later request fails at once.
#pragma once

#include <block/request_slots.hpp>
#include <threads/timer.hpp>
#include <virtio/queue.hpp>
#include <virtio/transport.hpp>

namespace os::virtio_requests {

class RequestQueue {
public:
    // The queue's number, and the bytes of memory that every request has.
    struct Shape {
        std::uint16_t index = 0;
        std::size_t request_size = 0;
    };
    // give_up() warns, and calls stop().
    struct Owner {
        void (*give_up)(void* driver, const char* why) = nullptr;
        void* driver = nullptr;
    };

    RequestQueue(virtio::Transport& transport, Shape shape, Owner owner)
        : transport_(transport), shape_(shape), owner_(owner) {}

    // Once: memory and interrupts. They stay for ever, even if this fails.
    Result<void> prepare();
    // After features were agreed on, and again after each reset: offers the queue to the device.
    // enodev when it is too short for a request of this many descriptors.
    Result<void> open(unsigned descriptors);
    // Resets the device and fails what is out.
    void stop();

    block::RequestSlots& slots() { return slots_; }
    const block::RequestSlots& slots() const { return slots_; }
    template <typename Shared>
    Shared& memory(unsigned slot) const {
        return *static_cast<Shared*>(pointer(slot));
    }
    PhysAddr address(unsigned slot) const { return memory_ + slot * shape_.request_size; }

    Result<void> submit(unsigned slot, Span<const virtio::Segment> readable,
                        Span<const virtio::Segment> writable);

private:
    void* pointer(unsigned slot) const;

    static void interrupt(void* queue);
    static void collect(void* queue);
    static void configuration_changed(void* queue);
    static void check_status(void* queue);

    virtio::Transport& transport_;
    Shape shape_;
    Owner owner_;
    virtio::Queue queue_;
    block::RequestSlots slots_{&RequestQueue::collect, this};
    // One page each.
    PhysAddr ring_;
    PhysAddr memory_;
    threads::Deferred collect_{&RequestQueue::collect, this};
    threads::Deferred check_status_{&RequestQueue::check_status, this};
};

} // namespace os::virtio_requests
