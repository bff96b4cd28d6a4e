// What a text terminal does with bytes: a grid of cells, a cursor, lines that wrap and scroll.
// Escape sequences (ECMA-48, section 5.4) are swallowed, since programs colour their logs; bytes
// outside ASCII appear as '?', once for each character of UTF-8.
#pragma once

#include <cstdint>

#include <foundation/span.hpp>

namespace os::screen {

// Where the cells are seen.
class Surface {
public:
    virtual void show(unsigned row, unsigned column, char character) = 0;

protected:
    ~Surface() = default;
};

class Terminal {
public:
    static constexpr unsigned k_most_columns = 160;
    static constexpr unsigned k_most_rows = 64;

    // The cells start blank on the surface, too. Columns and rows are cut down to what there is
    // room for; precondition: neither is 0.
    void initialise(Surface& surface, unsigned columns, unsigned rows);
    void write(Bytes bytes);

private:
    enum class Escape : std::uint8_t { none, begun, control };

    void take(std::uint8_t byte);
    bool take_escape(std::uint8_t byte);
    void new_line();
    // Several lines at once: each costs a look at every cell.
    void scroll();
    void put(unsigned row, unsigned column, char character);

    Surface* surface_ = nullptr;
    unsigned columns_ = 0;
    unsigned rows_ = 0;
    unsigned row_ = 0;
    unsigned column_ = 0;
    Escape escape_ = Escape::none;
    char cells_[k_most_rows][k_most_columns] = {};
};

} // namespace os::screen
