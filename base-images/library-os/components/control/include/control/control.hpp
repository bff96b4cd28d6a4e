// Events for the host: one JSON object a line. Without a control channel (console=serial) warnings,
// faults and the like appear as plain lines on the console instead, and the rest is dropped.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/span.hpp>
#include <foundation/types.hpp>

#include <control/json_line.hpp>

namespace os::control {

Result<void> start();

struct NamedValue {
    const char* name;
    std::uint64_t value;
};

// Builds {"event":"NAME","us":microseconds since boot,…}; strings are escaped, bytes that are not
// UTF-8 appear as the code points of Latin-1. What does not fit is left out: the line stays valid
// JSON. Sent by send().
class Event {
public:
    explicit Event(const char* name);
    Event(const char* name, Nanoseconds when);
    Event& text(const char* key, StringView value);
    Event& number(const char* key, std::int64_t value);
    Event& hex(const char* key, std::uint64_t value); // as a string, "0x…"
    Event& hex_list(const char* key, Span<const std::uint64_t> values);
    // {"name":"0x…",…}
    Event& hex_object(const char* key, Span<const NamedValue> values);
    void send(); // any context

    // The line as it is sent, newline included.
    StringView line();

private:
    template <typename Write>
    Event& field(const char* key, Write write);

    JsonLine json_;
};

// A warning, once per id and detail where the caller wants that: {"event":"warning","id":…,
// "message":…}; on the plain console "unik: warning: message [id]".
void warn(const char* id, const char* format, ...) __attribute__((format(printf, 2, 3)));

// The host asks for something: a command line such as "stop". The handler runs in interrupt
// context. Also called for the ACPI power button, as "stop". What came before anybody listened is
// handed over at once.
void set_command_handler(void (*handler)(StringView command));

// Whether the host listens to events; false with console=serial.
bool has_channel();

// Tells the host the program's exit code, and powers the machine off.
[[noreturn]] void exit(int code);

} // namespace os::control
