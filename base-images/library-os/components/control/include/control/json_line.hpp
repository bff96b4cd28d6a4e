// One line of JSON in a buffer of fixed size.
#pragma once

#include <cstdint>

#include <foundation/span.hpp>

namespace os::control {

// Appends to one object. A field that does not fit whole is taken back by the caller (mark and
// rewind), so that the line always can be closed.
class JsonLine {
public:
    using Mark = std::size_t;

    JsonLine() { raw("{"); }
    Mark mark() const { return size_; }
    // False when something did not fit since the mark; what came after the mark is gone then.
    bool keep(Mark mark);
    void key(StringView name);
    void quoted(StringView text);
    void number(std::int64_t value);
    void hex(std::uint64_t value); // "0x…"
    void raw(StringView text);
    // Closes the object, adds the newline. The line must not be added to any more.
    StringView close();

private:
    static constexpr std::size_t k_closing = 2; // "}" and the newline
    void put(char character);

    bool full_ = false;
    bool closed_ = false;
    std::size_t size_ = 0;
    char buffer_[1536];
};

} // namespace os::control
