// Our own standard input on its way to the guest, which takes it as typed on a terminal: text, in
// lines, and Ctrl-D at the beginning of a line is its end.
#pragma once

#include <string>

#include <machine/machine.hpp>

namespace unik::machine {

class StandardInput {
public:
    explicit StandardInput(Input input) : open_(input == Input::forward) {}

    // False when there is nothing more to come, or while reading would stop us: a background
    // process that reads its terminal gets SIGTTIN.
    bool may_read() const;
    // The next bytes; at the end what tells the guest so. Precondition: may_read() and readable.
    std::string read();

private:
    bool open_;
    bool within_line_ = false;
};

} // namespace unik::machine
