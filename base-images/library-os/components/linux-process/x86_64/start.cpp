// Becomes the program that somebody has loaded.
#include <arch/context.hpp>
#include <arch/cpu.hpp>
#include <configuration/configuration.hpp>
#include <foundation/vector.hpp>
#include <linux-process/program.hpp>
#include <linux-signals/program_end.hpp>
#include <linux-signals/task.hpp>
#include <memory/address_space.hpp>
#include <random/random.hpp>
#include <threads/thread.hpp>
#include <vdso/vdso.hpp>
#include <vfs/console_file.hpp>
#include <vfs/program.hpp>

#include "exceptions.hpp"
#include "initial_stack.hpp"
#include "placement.hpp"

namespace os::linux_process {

namespace {

constexpr std::uint64_t k_break_slide_pages = 1 << 13; // 32 MiB, as on Linux
constexpr std::size_t k_elf_program_header_size = 56;
constexpr std::uint64_t k_clock_ticks = 100;
constexpr std::uint64_t k_least_signal_stack = 2048;
constexpr std::uint64_t k_signal_frame_besides_fpu = 1024;

// Selectors of the one code and the one data segment, see arch/traps.S.
constexpr std::uint64_t k_code_selector = 0x08;
constexpr std::uint64_t k_data_selector = 0x10;
constexpr std::uint64_t k_initial_flags = 0x202;

Result<Vector<const char*>> collect(std::size_t count, const char* (*text)(std::size_t)) {
    Vector<const char*> texts;
    UNIK_TRY(texts.reserve(count));
    for (std::size_t i = 0; i < count; ++i)
        UNIK_TRY(texts.push(text(i)));
    return texts;
}

Result<std::uint64_t> fill_stack(const Stack& stack, const LoadedProgram& program, VirtAddr vdso) {
    const std::uint64_t signal_stack = arch::fpu_state_size() + k_signal_frame_besides_fpu;
    const AuxiliaryEntry auxiliary[] = {
        {Auxiliary::vdso, vdso.value},
        {Auxiliary::signal_stack_size,
         signal_stack > k_least_signal_stack ? signal_stack : k_least_signal_stack},
        {Auxiliary::hardware, arch::cpuid(1).edx},
        {Auxiliary::page_size, k_page_size},
        {Auxiliary::clock_ticks, k_clock_ticks},
        {Auxiliary::program_headers, program.program_headers},
        {Auxiliary::program_header_size, k_elf_program_header_size},
        {Auxiliary::program_header_count, program.program_header_count},
        {Auxiliary::base, program.interpreter_base},
        {Auxiliary::flags, 0},
        {Auxiliary::entry, program.entry},
        {Auxiliary::user, 0},
        {Auxiliary::effective_user, 0},
        {Auxiliary::group, 0},
        {Auxiliary::effective_group, 0},
        {Auxiliary::secure, 0},
        {Auxiliary::hardware2, 0},
    };
    const Vector<const char*> arguments =
        UNIK_TRY(collect(configuration::argument_count(), &configuration::argument));
    const Vector<const char*> variables =
        UNIK_TRY(collect(configuration::variable_count(), &configuration::variable));
    StackContents contents{.program = program.path,
                           .arguments = arguments.span(),
                           .variables = variables.span(),
                           .auxiliary = Span<const AuxiliaryEntry>(auxiliary)};
    random::fill(MutableBytes(contents.random));
    const MutableBytes memory(stack.bottom.as<std::uint8_t>(), stack.size);
    return build_initial_stack(memory, stack.bottom.value, contents);
}

void name_thread(threads::Thread& thread, const char* path) {
    const char* name = path;
    for (const char* at = path; *at != '\0'; ++at)
        if (*at == '/')
            name = at + 1;
    std::size_t size = __builtin_strlen(name);
    size = size < sizeof(thread.name) ? size : sizeof(thread.name) - 1;
    __builtin_memcpy(thread.name, name, size);
    thread.name[size] = '\0';
}

// The boot path's thread becomes the program's first one.
Result<void> become_program_thread(const char* path) {
    threads::Thread& thread = threads::current();
    UNIK_TRY(linux_signals::Task::attach(thread, {}));
    name_thread(thread, path);
    return {};
}

} // namespace

std::uint64_t random_number() {
    std::uint64_t value = 0;
    random::fill(MutableBytes(reinterpret_cast<std::uint8_t*>(&value), sizeof(value)));
    return value;
}

Result<void> run_program(const LoadedProgram& program) {
    install_exception_handlers();
    UNIK_TRY(vfs::install_standard_descriptors());
    linux_signals::set_program_base(program.base);
    memory::initialise_program_break(
        VirtAddr{program.end + random_number() % k_break_slide_pages * k_page_size});
    const Stack stack = UNIK_TRY(map_stack(random_number()));
    const VirtAddr vdso = UNIK_TRY(vdso::map());
    UNIK_TRY(become_program_thread(program.path));
    arch::TrapFrame frame{};
    frame.rsp = UNIK_TRY(fill_stack(stack, program, vdso));
    vfs::set_program(program.path, frame.rsp);
    frame.rip = program.first_instruction;
    frame.cs = k_code_selector;
    frame.ss = k_data_selector;
    frame.rflags = k_initial_flags;
    arch::enter_program(frame);
}

} // namespace os::linux_process
