// Threads from creation to death, and the public functions of thread.hpp.
//
// A thread lives through one count that the scheduler holds from creation on and drops when the
// next thread has found it dead; others may keep the object longer, but not its stack.
#include <utility>

#include <arch/cpu.hpp>
#include <arch/traps.hpp>
#include <clock/clock.hpp>
#include <foundation/format.hpp>
#include <memory/frames.hpp>

#include "scheduler.hpp"

namespace os::threads {
namespace {

constexpr int k_most_ids = 4 << 20; // as Linux's default on 64-bit machines

constinit List<Thread, AllThreadsTag> g_threads;
constinit std::size_t g_count = 0;
constinit int g_last_id = 0;

Thread* find_raw(int id) {
    for (Thread* thread = g_threads.front(); thread != nullptr; thread = g_threads.next(*thread))
        if (thread->id() == id)
            return thread;
    return nullptr;
}

// Ids are used again only after all others.
int next_id() {
    static constinit bool wrapped = false;
    do {
        if (++g_last_id == k_most_ids) {
            g_last_id = 2; // 1 stays the first thread's
            wrapped = true;
        }
    } while (wrapped && find_raw(g_last_id) != nullptr);
    return g_last_id;
}

// As Linux does by default: the stacks of all threads take an eighth of memory at most.
std::size_t most_threads() {
    constexpr std::size_t k_least = 16;
    const std::size_t most =
        memory::frame_count().total * k_page_size / (8 * memory::k_kernel_stack_size);
    return most > k_least ? most : k_least;
}

} // namespace

Thread::~Thread() {
    free_context();
}

void Thread::free_context() {
    heap_free(fpu_allocation_);
    fpu_allocation_ = context_.fpu = nullptr;
    if (context_.kernel_stack_top.value != 0)
        memory::free_kernel_stack(context_.kernel_stack_top);
    context_.kernel_stack_top = VirtAddr{};
}

Result<void> Scheduler::add_fpu_state(Thread& thread) {
    constexpr std::uint64_t k_alignment = 64;
    const std::size_t size = arch::fpu_state_size();
    thread.fpu_allocation_ = heap_allocate(size + k_alignment);
    if (thread.fpu_allocation_ == nullptr)
        return Errno::enomem;
    const auto address = reinterpret_cast<std::uint64_t>(thread.fpu_allocation_);
    thread.context_.fpu = reinterpret_cast<void*>(align_up(address, k_alignment));
    // What XSAVE does not write must not be what the heap held before.
    __builtin_memset(thread.context_.fpu, 0, size);
    return {};
}

Result<Ref<Thread>> Scheduler::create(const char* name) {
    Ref<Thread> thread = UNIK_TRY(try_make_ref<Thread>());
    thread->context_.kernel_stack_top = UNIK_TRY(memory::allocate_kernel_stack());
    format(thread->name, sizeof thread->name, "%s", name);
    return thread;
}

void Scheduler::prepare(Thread& thread, void (*entry)(void*), void* argument,
                        Own<arch::TrapFrame> frame) {
    thread.id_ = next_id();
    thread.entry_ = entry;
    thread.argument_ = argument;
    thread.start_frame_ = std::move(frame);
    arch::context_prepare(thread.context_, &Scheduler::begin, &thread);
    thread.retain();
    g_threads.push_back(thread);
    ++g_count;
}

Result<void> Scheduler::adopt_boot_path() {
    Ref<Thread> thread = UNIK_TRY(create("main"));
    UNIK_TRY(add_fpu_state(*thread));
    arch::fpu_initialise(thread->context_.fpu);
    const arch::InterruptGuard guard;
    prepare(*thread, nullptr, nullptr, {});
    thread->state_ = Thread::State::running;
    thread->slice_start_ = clock::monotonic();
    arch::per_cpu().thread = thread.get();
    arch::adopt_context(thread->context_);
    return {};
}

void Scheduler::begin(void* argument) {
    auto& self = *static_cast<Thread*>(argument);
    free_dead(this_cpu());
    if (self.start_frame_) {
        arch::TrapFrame frame = *self.start_frame_;
        self.start_frame_.reset(nullptr);
        return_to_program(frame);
        arch::enter_program(frame);
    }
    arch::interrupts_on();
    self.entry_(self.argument_);
    exit_current();
}

void Scheduler::end_running() {
    Thread& self = running_thread();
    self.state_ = Thread::State::dead;
    List<Thread, AllThreadsTag>::remove(self);
    --g_count;
    this_cpu().dead.push_back(self);
    switch_away();
    panic("a dead thread runs");
}

void Scheduler::free_dead(CpuState& cpu) {
    while (Thread* thread = cpu.dead.pop_front()) {
        thread->free_context();
        Ref<Thread>::adopt(thread);
    }
}

void Thread::set_extension(Own<Extension> extension) {
    extension_ = std::move(extension);
}

Nanoseconds Thread::cpu_time() const {
    const arch::InterruptGuard guard;
    return Scheduler::cpu_time(*this);
}

void Thread::interrupt() {
    const arch::InterruptGuard guard;
    Scheduler::interrupt(*this);
}

Result<void> start() {
    UNIK_TRY(Scheduler::adopt_boot_path());
    clock::set_alarm_handler(&SafePoint::on_alarm);
    arch::set_return_handler(&Scheduler::return_to_program);
    return {};
}

Thread& current() {
    return running_thread();
}

Result<Ref<Thread>> spawn_kernel_thread(const char* name, void (*entry)(void*), void* argument) {
    Ref<Thread> thread = UNIK_TRY(Scheduler::create(name));
    const arch::InterruptGuard guard;
    Scheduler::prepare(*thread, entry, argument, {});
    Scheduler::make_ready(*thread);
    return thread;
}

Result<Ref<Thread>> create_program_thread(const arch::TrapFrame& frame, std::uint64_t fs_base) {
    if (g_count >= most_threads())
        return Errno::eagain;
    Ref<Thread> thread = UNIK_TRY(Scheduler::create(current().name));
    UNIK_TRY(Scheduler::add_fpu_state(*thread));
    Own<arch::TrapFrame> start_frame = UNIK_TRY(try_make<arch::TrapFrame>(frame));
    const arch::InterruptGuard guard;
    arch::fpu_save(thread->context().fpu);
    thread->context().fs_base = fs_base;
    Scheduler::prepare(*thread, nullptr, nullptr, std::move(start_frame));
    return thread;
}

void make_ready(Thread& thread) {
    const arch::InterruptGuard guard;
    Scheduler::make_ready(thread);
}

void exit_current() {
    arch::interrupts_off();
    Scheduler::end_running();
}

void yield() {
    const arch::InterruptGuard guard;
    Scheduler::give_way();
}

void for_each(void (*visit)(Thread&, void*), void* argument) {
    g_threads.for_each([=](Thread& thread) { visit(thread, argument); });
}

std::size_t count() {
    return g_count;
}

Ref<Thread> find(int id) {
    return Ref<Thread>::share(find_raw(id));
}

Nanoseconds idle_time() {
    return this_cpu().idle_time;
}

void set_return_to_program_hook(void (*hook)(arch::TrapFrame&)) {
    g_return_hook = hook;
}

} // namespace os::threads
