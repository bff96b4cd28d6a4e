// What the scheduler keeps for each CPU.
//
// Everything here is touched by its own CPU only, with interrupts off; that is the whole protocol
// while one CPU is at work. Interrupt handlers may wake threads, set timers and schedule deferred
// work, because each of these is short and runs nothing. With more CPUs, making a thread of another
// CPU ready goes through a message to that CPU; nothing here needs a lock for it.
#pragma once

#include <cstdint>

#include <arch/per_cpu.hpp>
#include <foundation/list.hpp>
#include <threads/thread.hpp>
#include <threads/timer.hpp>

#include "timer_queue.hpp"

namespace os::threads {

// Reasons to stop on the way back to the program.
enum Pending : std::uint32_t {
    k_pending_work = 1,    // deferred work
    k_pending_timers = 2,  // a timer is due
    k_pending_preempt = 4, // the time slice is over
};

struct CpuState {
    List<Thread, RunQueueTag> runnable;
    List<Thread, RunQueueTag> dead; // their stacks are freed by the next thread that runs
    List<Deferred> deferred;
    TimerQueue timers;
    std::uint32_t pending = 0;
    bool in_action = false;            // a timer's action or deferred work is running
    Nanoseconds slice_end = k_forever; // k_forever: nobody else wants the CPU
    Nanoseconds alarm = k_forever;     // what the clock's alarm is set to
    Nanoseconds idle_time{};
};

extern constinit CpuState g_cpu;
inline CpuState& this_cpu() {
    return g_cpu;
}

inline Thread& running_thread() {
    return *static_cast<Thread*>(arch::per_cpu().thread);
}

// Runs due timers and deferred work, and the alarm that both and time slices share.
class SafePoint {
public:
    // Interrupts off at the call and after it, on while actions run. Work that was scheduled
    // meanwhile waits for the next safe point, which an alarm brings about soon.
    static void run(CpuState& cpu);
    // The handler of the alarm.
    static void on_alarm();
    // Sees to it that the alarm does not come later than what is waited for. Interrupts off.
    static void set_alarm(CpuState& cpu);

private:
    static void run_work(CpuState& cpu);
    static void run_timers(CpuState& cpu);
};

} // namespace os::threads
