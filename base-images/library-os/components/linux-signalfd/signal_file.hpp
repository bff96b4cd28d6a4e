// signalfd(2): the signals of a set, taken by reading instead of by handlers. Whose signals they
// are depends on who reads: its own, and those of the process.
#pragma once

#include <foundation/list.hpp>
#include <linux-signals/signal_info.hpp>
#include <linux-signals/signal_set.hpp>
#include <threads/wait_queue.hpp>
#include <vfs/file.hpp>

namespace os::linux {

// linux/signalfd.h: struct signalfd_siginfo.
struct SignalRecord {
    std::uint32_t signal;
    std::int32_t error;
    std::int32_t code;
    std::uint32_t process_id;
    std::uint32_t user_id;
    std::int32_t descriptor;
    std::uint32_t timer_id;
    std::uint32_t band;
    std::uint32_t overrun;
    std::uint32_t trap_number;
    std::int32_t status;
    std::int32_t number; // the value that came along, as an int and as a pointer
    std::uint64_t pointer;
    std::uint64_t times[2];
    std::uint64_t address;
    std::uint8_t rest[48];
};
static_assert(sizeof(SignalRecord) == linux_signals::k_program_info_size);

SignalRecord record_of(const linux_signals::SignalInfo& info);

class SignalFile final : public vfs::File, public ListNode<SignalFile> {
public:
    SignalFile(linux_signals::SignalSet wanted, std::uint32_t flags);
    ~SignalFile() override { ListNode<SignalFile>::unlink(); }

    void set_wanted(linux_signals::SignalSet wanted);

    Result<std::size_t> read(MutableBytes buffer) override;
    vfs::PollMask poll() override;
    vfs::PollSource* poll_source() override { return &source_; }
    void describe(char* buffer, std::size_t size) override;
    const void* class_tag() const override { return &k_tag; }
    // Null when the file is something else.
    static SignalFile* from(vfs::File& file) {
        return file.class_tag() == &k_tag ? static_cast<SignalFile*>(&file) : nullptr;
    }

private:
    static constexpr char k_tag = 0;
    static void on_arrival();
    Result<void> wait_and_take(linux_signals::SignalInfo& out);

    linux_signals::SignalSet wanted_;
    threads::WaitQueue readers_;
    vfs::PollSource source_;
};

} // namespace os::linux
