// Threads and the scheduler. One run queue per CPU, round robin with a time slice that is armed
// only while somebody else is runnable: an idle or single-threaded machine takes no ticks.
#pragma once

#include <arch/context.hpp>
#include <foundation/list.hpp>
#include <foundation/own.hpp>
#include <foundation/result.hpp>
#include <foundation/types.hpp>

namespace os::threads {

struct RunQueueTag;
struct AllThreadsTag;

// What a higher layer keeps with a thread (the Linux ABI: signals, ids). Dies with the thread.
class Extension {
public:
    virtual ~Extension() = default;
};

class Waiter;

class Thread : public RefCounted, public ListNode<RunQueueTag>, public ListNode<AllThreadsTag> {
public:
    enum class State { runnable, running, blocked, dead };

    ~Thread() override;

    int id() const { return id_; }
    State state() const { return state_; }
    arch::Context& context() { return context_; }
    Extension* extension() const { return extension_.get(); }
    void set_extension(Own<Extension> extension);
    Nanoseconds cpu_time() const;
    char name[16] = {};

    // Makes a blocked interruptible wait return `interrupted`; remembered until the next such wait
    // when the thread is not in one. Any context.
    void interrupt();
    bool interrupt_pending() const { return interrupt_pending_; }
    void clear_interrupt() { interrupt_pending_ = false; }

private:
    friend class Scheduler;
    void free_context();

    int id_ = 0;
    State state_ = State::blocked;
    bool interrupt_pending_ = false;
    arch::Context context_;
    void* fpu_allocation_ = nullptr; // context_.fpu lies in it, aligned
    Own<Extension> extension_;
    Nanoseconds cpu_time_{};    // without the slice that is running
    Nanoseconds slice_start_{}; // since when it runs
    Waiter* waiter_ = nullptr;  // while in a wait
    // How a new thread begins: in the program, or in the kernel.
    Own<arch::TrapFrame> start_frame_;
    void (*entry_)(void*) = nullptr;
    void* argument_ = nullptr;
};

// Turns the boot path into the first thread (id 1). A CPU without a runnable thread idles on the
// stack of the thread that blocked last: when that one is the next to run, nothing is switched.
Result<void> start();

Thread& current();

// A thread of the kernel itself.
Result<Ref<Thread>> spawn_kernel_thread(const char* name, void (*entry)(void*), void* argument);

// A thread of the program: created blocked, so that its extension can be set; it enters the program
// with this frame and FS base when made ready. The FPU state is copied from the current thread.
// Error: eagain when there are as many threads as memory allows.
Result<Ref<Thread>> create_program_thread(const arch::TrapFrame& frame, std::uint64_t fs_base);
void make_ready(Thread& thread);

// Ends the current thread. Its stack is freed by the next one that runs.
[[noreturn]] void exit_current();

// Gives the CPU to the next runnable thread, if any.
void yield();

// Visits all living threads.
void for_each(void (*visit)(Thread&, void*), void* argument);
std::size_t count();
Ref<Thread> find(int id);
// How long the CPU has waited with nothing to run.
Nanoseconds idle_time();

// Called with interrupts off on the way back to the program, after deferred work and preemption:
// the Linux ABI delivers signals here.
void set_return_to_program_hook(void (*hook)(arch::TrapFrame&));

} // namespace os::threads
