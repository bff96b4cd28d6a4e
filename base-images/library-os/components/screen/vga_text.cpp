#include "vga_text.hpp"

#include <arch/front_door.hpp>
#include <memory/frames.hpp>

namespace os::screen {
namespace {

constexpr PhysAddr k_cells{0xb8000};
constexpr PhysAddr k_video_mode{0x449}; // in the BIOS data area
constexpr std::uint16_t k_grey_on_black = 0x0700;

bool in_text_mode() {
    const auto* mode = static_cast<const std::uint8_t*>(arch::map_early(k_video_mode, 1));
    return mode != nullptr && (*mode == 2 || *mode == 3);
}

// Writes where no screen is get lost.
bool holds_values(volatile std::uint16_t& cell) {
    const std::uint16_t before = cell;
    const auto other = static_cast<std::uint16_t>(before ^ 0x0101);
    cell = other;
    const bool held = cell == other;
    cell = before;
    return held;
}

} // namespace

bool VgaText::open() {
    if (!in_text_mode())
        return false;
    const Result<VirtAddr> mapped =
        memory::map_device(k_cells, k_columns * k_rows * sizeof(std::uint16_t));
    if (!mapped.ok())
        return false;
    cells_ = reinterpret_cast<volatile std::uint16_t*>(mapped->value);
    if (!holds_values(cells_[0]))
        return false;
    for (unsigned i = 0; i < k_columns * k_rows; ++i)
        cells_[i] = k_grey_on_black | ' ';
    return true;
}

void VgaText::show(unsigned row, unsigned column, char character) {
    cells_[row * k_columns + column] =
        static_cast<std::uint16_t>(k_grey_on_black | static_cast<std::uint8_t>(character));
}

} // namespace os::screen
