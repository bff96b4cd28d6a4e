// The kernel's main path: the start steps that the link step wrote down, one after another.
#include <arch/cpu.hpp>
#include <arch/front_door.hpp>
#include <clock/clock.hpp>
#include <control/control.hpp>
#include <foundation/panic.hpp>
#include <vocabulary/image_layout.hpp>

#include "panic_report.hpp"

extern "C" {
extern const vocabulary::ImageHeader unik_image;
extern const vocabulary::StartStep unik_start_steps[];
}

namespace os::kernel {
namespace {

// When each step ended; the channel that tells the host is itself the work of a step.
constexpr std::uint32_t k_most_steps = 128;
constinit std::uint64_t g_finished[k_most_steps] = {};
constinit std::uint32_t g_told = 0;

const char* name_of(const vocabulary::StartStep& step) {
    return reinterpret_cast<const char*>(step.name);
}

void tell_finished(std::uint32_t count) {
    if (!control::has_channel())
        return;
    for (; g_told < count; ++g_told)
        control::Event("boot", clock::at_tsc(g_finished[g_told]))
            .text("phase", name_of(unik_start_steps[g_told]))
            .send();
}

void run_start_steps() {
    if (unik_image.magic != vocabulary::k_image_magic || unik_image.start_step_count > k_most_steps)
        panic("the image's header is not one that this kernel knows");
    for (std::uint32_t i = 0; i < unik_image.start_step_count; ++i) {
        const vocabulary::StartStep& step = unik_start_steps[i];
        const auto function = reinterpret_cast<Result<void> (*)()>(step.function);
        const Result<void> result = function();
        if (!result.ok())
            panic("start step '%s' failed with error %d", name_of(step),
                  static_cast<int>(result.error()));
        g_finished[i] = arch::read_tsc();
        tell_finished(i + 1);
    }
}

} // namespace
} // namespace os::kernel

void unik_kernel_main() {
    os::set_panic_handler(&os::kernel::report_panic);
    os::kernel::run_start_steps();
    // A program's step does not return; without one there is nothing left to do.
    os::control::exit(0);
}
