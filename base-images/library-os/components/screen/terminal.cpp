#include "terminal.hpp"

namespace os::screen {
namespace {

constexpr std::uint8_t k_escape = 0x1b;
constexpr unsigned k_tab = 8;

unsigned smaller(unsigned a, unsigned b) {
    return a < b ? a : b;
}

} // namespace

void Terminal::initialise(Surface& surface, unsigned columns, unsigned rows) {
    surface_ = &surface;
    columns_ = smaller(columns, k_most_columns);
    rows_ = smaller(rows, k_most_rows);
    row_ = 0;
    column_ = 0;
    for (auto& row : cells_)
        for (char& cell : row)
            cell = ' ';
}

void Terminal::write(Bytes bytes) {
    for (const std::uint8_t byte : bytes)
        take(byte);
}

void Terminal::take(std::uint8_t byte) {
    if (take_escape(byte))
        return;
    switch (byte) {
    case '\n': return new_line();
    case '\r': column_ = 0; return;
    case '\b': column_ -= column_ > 0 ? 1 : 0; return;
    case '\t': column_ = smaller((column_ / k_tab + 1) * k_tab, columns_ - 1); return;
    default: break;
    }
    const bool continues = (byte & 0xc0) == 0x80; // of a character in UTF-8
    if (byte < ' ' || byte == 0x7f || continues)
        return;
    if (column_ == columns_)
        new_line();
    put(row_, column_++, byte < 0x7f ? static_cast<char>(byte) : '?');
}

// ESC and one byte, or ESC [ and what follows up to a byte from 40h to 7Eh.
bool Terminal::take_escape(std::uint8_t byte) {
    switch (escape_) {
    case Escape::none:
        escape_ = byte == k_escape ? Escape::begun : Escape::none;
        return byte == k_escape;
    case Escape::begun: escape_ = byte == '[' ? Escape::control : Escape::none; return true;
    case Escape::control:
        if (byte >= 0x40)
            escape_ = Escape::none;
        return true;
    }
    return false;
}

void Terminal::new_line() {
    column_ = 0;
    if (row_ + 1 == rows_)
        scroll();
    else
        ++row_;
}

void Terminal::scroll() {
    const unsigned lines = rows_ > 4 ? rows_ / 4 : 1;
    for (unsigned row = 0; row < rows_; ++row)
        for (unsigned column = 0; column < columns_; ++column)
            put(row, column, row + lines < rows_ ? cells_[row + lines][column] : ' ');
    row_ = rows_ - lines;
}

void Terminal::put(unsigned row, unsigned column, char character) {
    if (cells_[row][column] == character)
        return;
    cells_[row][column] = character;
    surface_->show(row, column, character);
}

} // namespace os::screen
