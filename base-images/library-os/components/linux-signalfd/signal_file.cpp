#include "signal_file.hpp"

#include <foundation/format.hpp>
#include <linux-signals/signals.hpp>

namespace os::linux {

namespace {

using linux_signals::SignalInfo;
using linux_signals::SignalSet;

constinit List<SignalFile, SignalFile> g_files;

} // namespace

SignalRecord record_of(const SignalInfo& info) {
    SignalRecord record{};
    record.signal = static_cast<std::uint32_t>(info.signal);
    record.error = info.error;
    record.code = info.code;
    const auto low = static_cast<std::uint32_t>(info.fields[0]);
    const auto high = static_cast<std::uint32_t>(info.fields[0] >> 32);
    const bool fault =
        info.code > linux_signals::k_code_user && info.code < linux_signals::k_code_kernel;
    if (fault) {
        record.address = info.fields[0];
    } else if (info.code == linux_signals::k_code_timer) {
        record.timer_id = low;
        record.overrun = high;
    } else {
        record.process_id = low;
        record.user_id = high;
    }
    if (info.code < linux_signals::k_code_user) {
        record.number = static_cast<std::int32_t>(info.fields[1]);
        record.pointer = info.fields[1];
    }
    return record;
}

SignalFile::SignalFile(SignalSet wanted, std::uint32_t flags)
    : File(flags | vfs::k_open_read_write), wanted_(wanted.without(linux_signals::k_unblockable)) {
    g_files.push_back(*this);
    linux_signals::set_arrival_hook(&SignalFile::on_arrival);
}

void SignalFile::set_wanted(SignalSet wanted) {
    wanted_ = wanted.without(linux_signals::k_unblockable);
    on_arrival();
}

// Who is told looks by itself, since what is pending differs between threads.
void SignalFile::on_arrival() {
    g_files.for_each([](SignalFile& file) {
        file.readers_.wake_all();
        file.source_.notify(vfs::k_poll_in);
    });
}

vfs::PollMask SignalFile::poll() {
    return (linux_signals::pending_for_current() & wanted_).empty() ? 0 : vfs::k_poll_in;
}

Result<void> SignalFile::wait_and_take(SignalInfo& out) {
    while (!linux_signals::take_for_current(wanted_, out)) {
        if (non_blocking())
            return Errno::eagain;
        const threads::WakeReason reason = readers_.wait();
        if (reason == threads::WakeReason::interrupted && linux_signals::deliverable())
            return Errno::eintr;
    }
    return {};
}

Result<std::size_t> SignalFile::read(MutableBytes buffer) {
    if (buffer.size() < sizeof(SignalRecord))
        return Errno::einval;
    SignalInfo info;
    UNIK_TRY(wait_and_take(info));
    std::size_t size = 0;
    do {
        const SignalRecord record = record_of(info);
        __builtin_memcpy(buffer.data() + size, &record, sizeof(record));
        size += sizeof(record);
    } while (buffer.size() - size >= sizeof(SignalRecord) &&
             linux_signals::take_for_current(wanted_, info));
    return size;
}

void SignalFile::describe(char* buffer, std::size_t size) {
    format(buffer, size, "anon_inode:[signalfd]");
}

} // namespace os::linux
