// Our own standard input on its way to the guest.
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
    // The next bytes; empty at the end. Precondition: readable.
    std::string read();

private:
    bool open_;
};

} // namespace unik::machine
