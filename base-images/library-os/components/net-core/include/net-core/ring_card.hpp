// What cards with one ring for receiving and one for sending have in common.
//
// An interrupt only silences the card and schedules work for the next safe point, which listens
// again when it has taken all frames: under load there are few interrupts. Sending needs none: what
// has gone out is noticed when the next frame goes out or comes in, and the card is asked for an
// interrupt only while its ring is full. Doorbells wait for the next safe point, so that all that a
// system call sends goes out under one.
#pragma once

#include <net-core/in_flight.hpp>
#include <net-core/receive_buffers.hpp>
#include <threads/timer.hpp>

namespace os::net {

class RingCard : public NetworkDevice {
public:
    MacAddress mac() const override { return mac_; }
    std::uint16_t mtu() const override { return k_mtu; }
    bool link_up() const override { return link_up_; }
    void connect(Stack& stack) override;
    Result<void> transmit(const Transmission& transmission) override;
    void reclaim() override;

protected:
    static constexpr std::uint16_t k_mtu = 1500;
    static constexpr std::size_t k_longest_frame = k_mtu + 14;
    // Entries that a frame may take beside one for each of its fragments.
    static constexpr std::size_t k_extra_entries = 1;

    explicit RingCard(Reach reach) : buffers_(reach) {}

    struct Received {
        ReceiveBuffer* buffer = nullptr; // null: nothing has come
        std::size_t size = 0;            // 0: a frame that is none
        Checksum checksum = Checksum::unknown;
    };
    enum class Listen { for_frames, for_frames_and_room };

    // Gives the device a buffer to fill; false: its ring is full.
    virtual bool offer(ReceiveBuffer& buffer) = 0;
    virtual void publish_buffers() = 0;
    virtual bool has_received() = 0;
    // The next buffer that was filled. The size fits into it.
    virtual Received take_received() = 0;

    // Free entries of the ring for sending, of how many.
    virtual std::size_t room() const = 0;
    virtual std::size_t entries() const = 0;
    // One frame of at most k_longest_frame bytes; there is room for one entry a segment and
    // k_extra_entries.
    virtual void put(Span<const Segment> segments, const Transmission& transmission) = 0;
    virtual void publish_frames() = 0;
    // The owner of the next frame that has gone out, or null.
    virtual void* take_transmitted() = 0;

    // Lets the card interrupt; what came meanwhile interrupts at once or is seen by has_received().
    virtual void listen(Listen what) = 0;
    virtual void silence() = 0;
    virtual bool read_link() = 0;

    // In interrupt context, after silence(), or at a safe point.
    void schedule_work() { work_.schedule(); }
    void schedule_link_check();
    // The device broke the rules: it is not used any more.
    void give_up(const char* what);

    MacAddress mac_;
    bool link_up_ = true;

private:
    static constexpr unsigned k_receive_budget = 128; // frames at one safe point

    static void work(void* card);
    static void flush(void* card);
    bool receive();
    void refill();
    void unblock_transmit();
    void check_link();

    Stack* stack_ = nullptr;
    ReceiveBuffers buffers_;
    threads::Deferred work_{&RingCard::work, this};
    threads::Deferred flush_{&RingCard::flush, this};
    bool link_check_ = false;
    bool transmit_blocked_ = false;
    bool broken_ = false;
};

} // namespace os::net
