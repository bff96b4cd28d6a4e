// Who runs, who waits, who comes and goes. Functions expect interrupts off unless said otherwise.
#pragma once

#include <threads/thread.hpp>
#include <threads/wait_queue.hpp>

#include "cpu_state.hpp"

namespace os::threads {

class Scheduler {
public:
    static Result<void> adopt_boot_path(); // interrupts as they are
    static Result<Ref<Thread>> create(const char* name);
    // For a thread of the program.
    static Result<void> add_fpu_state(Thread& thread);
    // The thread exists from here on, blocked. It starts with the frame, or else with the entry.
    static void prepare(Thread& thread, void (*entry)(void*), void* argument,
                        Own<arch::TrapFrame> frame);

    static void make_ready(Thread& thread);
    static void give_way(); // to the next runnable thread, if any
    [[noreturn]] static void end_running();

    static WakeReason wait(List<Waiter>& queue, Nanoseconds deadline, Interruptible interruptible);
    static void wake(Waiter& waiter, WakeReason reason);
    static void interrupt(Thread& thread);

    static Nanoseconds cpu_time(const Thread& thread);
    static void return_to_program(arch::TrapFrame& frame);

private:
    static void begin(void* thread);
    static void switch_away();
    static Thread& wait_for_runnable(CpuState& cpu);
    static void begin_slice(CpuState& cpu, Thread& thread, Nanoseconds now);
    static void free_dead(CpuState& cpu);
};

using ReturnHook = void (*)(arch::TrapFrame&);
extern constinit ReturnHook g_return_hook;

} // namespace os::threads
