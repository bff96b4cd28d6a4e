// Chooses the surface and shows on it what goes to the console from then on.
#include <arch/boot_info.hpp>
#include <console/console.hpp>
#include <foundation/result.hpp>

#include "frame_buffer.hpp"
#include "terminal.hpp"
#include "vga_text.hpp"

namespace os::screen {
namespace {

// Apart, so that what is all zeros takes no place in the image.
constinit Terminal g_terminal;
constinit VgaText g_text;
constinit FrameBuffer g_frame_buffer;

class Screen : public console::Sink {
public:
    void write(Bytes bytes) override { g_terminal.write(bytes); }
};
constinit Screen g_screen;

bool open() {
    if (g_frame_buffer.open(arch::boot_info().framebuffer)) {
        g_terminal.initialise(g_frame_buffer, g_frame_buffer.columns(), g_frame_buffer.rows());
        return true;
    }
    if (!g_text.open())
        return false;
    g_terminal.initialise(g_text, VgaText::k_columns, VgaText::k_rows);
    return true;
}

} // namespace

// A machine without a screen is none the worse for it.
Result<void> start() {
    if (open())
        console::add_sink(g_screen);
    return {};
}

} // namespace os::screen
