// timerfd_create(2): a timer to wait for. Expirations are counted until they are read.
#pragma once

#include <threads/timer.hpp>
#include <threads/wait_queue.hpp>
#include <vfs/file.hpp>
#include <vfs/stat.hpp>

namespace os::linux {

// struct itimerspec.
struct TimerSetting {
    vfs::Timespec interval;
    vfs::Timespec value;
};
static_assert(sizeof(TimerSetting) == 32);

class TimerFile final : public vfs::File {
public:
    enum class Clock { monotonic, realtime };
    TimerFile(Clock clock, std::uint32_t flags)
        : File(flags | vfs::k_open_read_write), clock_(clock), timer_(expire, this) {}

    enum class Value { relative, absolute };
    Result<void> set(const TimerSetting& setting, Value value);
    TimerSetting setting();

    Result<std::size_t> read(MutableBytes buffer) override;
    vfs::PollMask poll() override { return expirations_ > 0 ? vfs::k_poll_in : 0; }
    vfs::PollSource* poll_source() override { return &source_; }
    void describe(char* buffer, std::size_t size) override;
    const void* class_tag() const override { return &k_tag; }
    // Null when the file is something else.
    static TimerFile* from(vfs::File& file) {
        return file.class_tag() == &k_tag ? static_cast<TimerFile*>(&file) : nullptr;
    }

private:
    static constexpr char k_tag = 0;
    static void expire(void* file);
    void catch_up();

    Clock clock_;
    threads::Timer timer_;
    Nanoseconds interval_{};
    std::uint64_t expirations_ = 0;
    bool rests_ = false; // expired, and goes on once somebody looks
    threads::WaitQueue readers_;
    vfs::PollSource source_;
};

} // namespace os::linux
