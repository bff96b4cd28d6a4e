// The frame buffer that UEFI firmware leaves (UEFI 2.10, section 12.9): 32 bits a pixel, characters
// of 8 by 16 from a font that is part of the image.
#pragma once

#include <arch/boot_info.hpp>

#include "terminal.hpp"

namespace os::screen {

class FrameBuffer : public Surface {
public:
    static constexpr unsigned k_cell_width = 8;
    static constexpr unsigned k_cell_height = 16;

    // False when the firmware left none, or what it says of it does not fit together.
    bool open(const arch::Framebuffer& framebuffer);
    unsigned columns() const { return columns_; }
    unsigned rows() const { return rows_; }
    void show(unsigned row, unsigned column, char character) override;

private:
    std::uint8_t* pixels_ = nullptr;
    std::size_t pitch_ = 0; // bytes
    unsigned columns_ = 0;
    unsigned rows_ = 0;
};

} // namespace os::screen
