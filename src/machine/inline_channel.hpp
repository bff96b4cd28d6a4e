// The control channel of a machine with one serial port: between the program's output stand the
// guest's events, each as a record separator, JSON, and a line end (RFC 7464). A program that
// writes such a frame itself deceives nobody but its own user.
#pragma once

#include <string>
#include <string_view>

namespace unik::machine {

class InlineChannel {
public:
    struct Parts {
        std::string output;
        std::string events; // whole lines, and what a frame that grows too long holds
    };
    Parts split(std::string_view bytes);

private:
    bool within_event_ = false;
};

} // namespace unik::machine
