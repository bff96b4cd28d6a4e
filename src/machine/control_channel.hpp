// The guest's end of the control channel, read with suspicion: JSON lines of bounded length, each
// an object with a text "event". What breaks that becomes a warning event of our own, once.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace unik::machine {

class ControlChannel {
public:
    explicit ControlChannel(std::function<void(nlohmann::json)> on_event)
        : on_event_(std::move(on_event)) {}

    // Takes the next bytes; calls on_event for each event that they complete. All texts within an
    // event are free of control characters, so that they can be shown on a terminal.
    void feed(std::string_view bytes);

private:
    void take_line();
    void complain(std::string_view what);

    std::function<void(nlohmann::json)> on_event_;
    std::string line_;
    bool too_long_ = false;
    bool complained_ = false;
};

// Control characters (C0, DEL, C1) and characters that turn the direction of text become '?'.
// Precondition: valid UTF-8.
std::string without_control_characters(std::string_view text);

} // namespace unik::machine
