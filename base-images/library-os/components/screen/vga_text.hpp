// The text screen of a PC: 80 by 25 cells of a character and a colour at 0xb8000 (IBM VGA, modes 2
// and 3), as the BIOS leaves it.
#pragma once

#include "terminal.hpp"

namespace os::screen {

class VgaText : public Surface {
public:
    static constexpr unsigned k_columns = 80;
    static constexpr unsigned k_rows = 25;

    // False when the machine has no such screen, or it shows something else than text.
    bool open();
    void show(unsigned row, unsigned column, char character) override;

private:
    volatile std::uint16_t* cells_ = nullptr;
};

} // namespace os::screen
