#include <linux-signals/task.hpp>

#include <foundation/panic.hpp>
#include <linux-signals/program_end.hpp>
#include <linux-signals/signals.hpp>

namespace os::linux_signals {

namespace {

constinit unsigned g_task_count = 0;
constinit Nanoseconds g_ended_cpu_time{};
using ThreadEndHook = void (*)(Task&);
constinit ThreadEndHook g_thread_end_hook = nullptr;
constinit int g_first_thread_code = 0;
constinit bool g_first_thread_ended = false;

} // namespace

Result<Task*> Task::attach(threads::Thread& thread, SignalSet blocked) {
    Own<Task> task = UNIK_TRY(try_make<Task>(thread));
    task->blocked = blocked;
    Task* raw = task.get();
    thread.set_extension(std::move(task));
    ++g_task_count;
    return raw;
}

Task& current_task() {
    Task* task = task_of(threads::current());
    UNIK_ASSERT(task != nullptr);
    return *task;
}

Task* find_task(int id) {
    const Ref<threads::Thread> thread = threads::find(id);
    return thread ? task_of(*thread) : nullptr;
}

Nanoseconds process_cpu_time() {
    Nanoseconds sum = g_ended_cpu_time;
    for_each_task([&](Task& task) { sum = sum + task.thread.cpu_time(); });
    return sum;
}

void set_thread_end_hook(void (*hook)(Task&)) {
    g_thread_end_hook = hook;
}

void end_thread(int code) {
    Task& task = current_task();
    if (task.thread.id() == 1) {
        g_first_thread_code = code;
        g_first_thread_ended = true;
    }
    // The process ends with the code of its first thread, whoever is the last.
    if (--g_task_count == 0)
        end_program(g_first_thread_ended ? g_first_thread_code : code);
    if (g_thread_end_hook != nullptr)
        g_thread_end_hook(task);
    // Nothing is delivered here any more: signals of the process find another thread.
    set_blocked(task, {~std::uint64_t{0}});
    g_ended_cpu_time = g_ended_cpu_time + task.thread.cpu_time();
    threads::exit_current();
}

} // namespace os::linux_signals
