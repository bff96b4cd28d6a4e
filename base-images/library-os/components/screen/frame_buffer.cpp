#include "frame_buffer.hpp"

#include <memory/frames.hpp>

// The glyphs of ' ' to '~', a byte a row (sources.cmake).
extern "C" const std::uint8_t unik_screen_font[];

namespace os::screen {
namespace {

constexpr char k_first = ' ';
constexpr char k_last = '~';
constexpr std::uint32_t k_grey = 0x00aaaaaa; // the same in both orders of colours
constexpr std::uint32_t k_black = 0;
constexpr unsigned k_pixel_size = 4;

const std::uint8_t* glyph_of(char character) {
    const char shown = character >= k_first && character <= k_last ? character : '?';
    return unik_screen_font + static_cast<unsigned>(shown - k_first) * FrameBuffer::k_cell_height;
}

} // namespace

bool FrameBuffer::open(const arch::Framebuffer& framebuffer) {
    const std::uint64_t pitch = framebuffer.pitch;
    if (framebuffer.start.value == 0 || framebuffer.width < k_cell_width ||
        framebuffer.height < k_cell_height ||
        pitch < std::uint64_t{framebuffer.width} * k_pixel_size ||
        pitch * framebuffer.height > framebuffer.size)
        return false;
    const Result<VirtAddr> mapped =
        memory::map_device(framebuffer.start, pitch * framebuffer.height);
    if (!mapped.ok())
        return false;
    pixels_ = reinterpret_cast<std::uint8_t*>(mapped->value);
    pitch_ = pitch;
    columns_ = framebuffer.width / k_cell_width;
    rows_ = framebuffer.height / k_cell_height;
    for (std::size_t row = 0; row < framebuffer.height; ++row)
        __builtin_memset(pixels_ + row * pitch_, 0, std::size_t{framebuffer.width} * k_pixel_size);
    return true;
}

void FrameBuffer::show(unsigned row, unsigned column, char character) {
    const std::uint8_t* glyph = glyph_of(character);
    std::uint8_t* line = pixels_ + std::size_t{row} * k_cell_height * pitch_ +
                         std::size_t{column} * k_cell_width * k_pixel_size;
    for (unsigned y = 0; y < k_cell_height; ++y, line += pitch_) {
        auto* pixel = reinterpret_cast<volatile std::uint32_t*>(line);
        for (unsigned x = 0; x < k_cell_width; ++x)
            pixel[x] = (glyph[y] >> (k_cell_width - 1 - x) & 1) != 0 ? k_grey : k_black;
    }
}

} // namespace os::screen
