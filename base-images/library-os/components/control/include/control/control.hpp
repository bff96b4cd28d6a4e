// Events for the host: one JSON object a line. Without a control channel (console=serial) warnings,
// faults and the like appear as plain lines on the console instead, and the rest is dropped.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/span.hpp>

namespace os::control {

Result<void> start();

// Builds {"event":"NAME","us":microseconds since boot,…}; strings are escaped. Sent by send().
class Event {
public:
    explicit Event(const char* name);
    Event& text(const char* key, StringView value);
    Event& number(const char* key, std::int64_t value);
    Event& hex(const char* key, std::uint64_t value); // as a string, "0x…"
    Event& hex_list(const char* key, Span<const std::uint64_t> values);
    void send(); // any context

private:
    void raw(StringView text);
    void key(const char* key);
    void quoted(StringView text);
    char buffer_[1536];
    std::size_t size_ = 0;
};

// A warning, once per id and detail where the caller wants that: {"event":"warning","id":…,
// "message":…}; on the plain console "unik: warning: message [id]".
void warn(const char* id, const char* format, ...) __attribute__((format(printf, 2, 3)));

// The host asks for something: a command line such as "stop". The handler runs in interrupt
// context. Also called for the ACPI power button, as "stop".
void set_command_handler(void (*handler)(StringView command));

// Tells the host the program's exit code, and powers the machine off.
[[noreturn]] void exit(int code);

} // namespace os::control
