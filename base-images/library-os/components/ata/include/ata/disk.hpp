// A disk behind an ATA link, and what a link must do.
#pragma once

#include <ata/command.hpp>
#include <ata/identity.hpp>
#include <threads/wait_queue.hpp>

namespace os::ata {

// One at a time, in the order of asking.
class Turn {
public:
    void take();
    void give_back();

private:
    threads::WaitQueue waiting_;
    bool taken_ = false;
};

class TurnGuard {
public:
    explicit TurnGuard(Turn& turn) : turn_(turn) { turn_.take(); }
    TurnGuard(const TurnGuard&) = delete;
    TurnGuard& operator=(const TurnGuard&) = delete;
    ~TurnGuard() { turn_.give_back(); }

private:
    Turn& turn_;
};

inline constexpr Nanoseconds k_patience{static_cast<std::int64_t>(block::k_patience_milliseconds) *
                                        1'000'000};

// A cable with one or two devices: an AHCI port, an IDE channel. Used by who has its turn.
class Link {
public:
    virtual ~Link() = default;

    // The device's answer, good or bad. enodev: there is none, or none any more; etimedout: it gave
    // no answer within k_patience, or one that means nothing; enomem. After an answer the device
    // leaves `data` alone; after enodev or etimedout only once reset() succeeded or after
    // cut_off().
    virtual Result<Answer> execute(unsigned unit, const Command& command, MutableBytes data) = 0;
    // After such an error: makes the device listen again, forgetting the command.
    virtual Result<void> reset() = 0;
    // When that failed: makes sure that the device reaches no memory any more.
    virtual void cut_off() = 0;
    virtual Mover mover() const = 0;

    Turn turn;
};

class Disk final : public block::BlockDevice {
public:
    Disk(Link& link, unsigned unit, const Identity& identity)
        : link_(link), unit_(unit), identity_(identity) {}

    std::uint32_t sector_size() const override { return identity_.sector_size; }
    std::uint32_t physical_sector_size() const override { return identity_.physical_sector_size; }
    std::uint64_t sector_count() const override { return identity_.sectors; }
    block::Access access() const override { return block::Access::read_write; }
    std::size_t most_bytes() const override { return k_most_transfer; }
    Result<void> transfer(block::Direction direction, std::uint64_t sector,
                          MutableBytes buffer) override;
    Result<void> flush() override;

private:
    Result<Answer> run(const Command& command, MutableBytes data);
    void recover(Errno error);

    Link& link_;
    const unsigned unit_;
    const Identity identity_;
    bool dead_ = false;
};

// Asks the device who it is and registers it as a disk ("sda"). What is no disk is passed over in
// silence; a disk that cannot be used is named in a warning with `place`. Only lack of memory is an
// error.
Result<void> attach_disk(Link& link, unsigned unit, const char* place);

} // namespace os::ata
