// A thread of the program as the Linux ABI sees it; hangs on threads::Thread as its extension.
#pragma once

#include <arch/trap_frame.hpp>
#include <foundation/own.hpp>
#include <linux-signals/pending.hpp>
#include <linux-signals/signal_set.hpp>
#include <threads/thread.hpp>

namespace os::linux_signals {

struct AlternateStack {
    std::uint64_t start = 0;
    std::uint64_t size = 0; // 0: none
    bool disarms = false;   // SS_AUTODISARM

    bool holds(std::uint64_t stack_pointer) const {
        return size != 0 && stack_pointer > start && stack_pointer - start <= size;
    }
};

// What the CPU said about the last exception, for the handler's context.
struct FaultRegisters {
    std::uint64_t vector = 0;
    std::uint64_t error_code = 0;
    std::uint64_t address = 0; // CR2
};

class Task : public threads::Extension {
public:
    explicit Task(threads::Thread& thread_) : thread(thread_) {}
    ~Task() override = default;

    // The task of a new thread inherits the mask of the one that creates it.
    static Result<Task*> attach(threads::Thread& thread, SignalSet blocked);

    threads::Thread& thread;
    SignalSet blocked;
    SignalSet saved_mask;  // to be restored after the next delivery, while has_saved_mask
    SignalSet waiting_for; // of rt_sigtimedwait: taken even though they are blocked
    bool has_saved_mask = false;
    // Something may be to do on the way back to the program; cleared by looking.
    bool attention = false;
    // The kernel touched memory of the program that was not to be had: the call has failed.
    bool lost_access = false;
    PendingSignals pending;
    AlternateStack alternate_stack;
    FaultRegisters fault;

    // Kept for linux-process and linux-threads.
    std::uint64_t clear_child_tid = 0;
    std::uint64_t robust_list = 0;
    std::uint64_t robust_list_size = 0;
    std::int32_t policy = 0; // SCHED_OTHER
    std::int32_t nice = 0;
};

// Null for a thread of the kernel.
inline Task* task_of(threads::Thread& thread) {
    return static_cast<Task*>(thread.extension());
}
// The current thread is one of the program's.
Task& current_task();
// By thread id; null when there is none. Stays valid until the caller blocks.
Task* find_task(int id);

template <typename Visitor>
void for_each_task(Visitor visitor) {
    threads::for_each(
        [](threads::Thread& thread, void* argument) {
            if (Task* task = task_of(thread); task != nullptr)
                (*static_cast<Visitor*>(argument))(*task);
        },
        &visitor);
}

// CPU time of the whole process, threads that ended included.
Nanoseconds process_cpu_time();

// Set by what makes threads: wakes those who wait for this one's end.
void set_thread_end_hook(void (*hook)(Task&));
// Ends the current thread; the program with it when it is the last one.
[[noreturn]] void end_thread(int code);

} // namespace os::linux_signals
