// Where bytes for people go. With console=split (see boot_configuration.hpp) output, errors and
// control lines have a serial port each; otherwise all share the first one.
#pragma once

#include <foundation/result.hpp>
#include <foundation/span.hpp>

namespace os::console {

Result<void> start();

enum class Stream { output, error };

// Any context; complete when it returns.
void write(Stream stream, Bytes bytes);

// A further place where output and errors appear, beside the serial ports: a screen, a virtio
// console.
class Sink {
public:
    // Any context; complete when it returns. Never called by two at once.
    virtual void write(Bytes bytes) = 0;
    // For one with a keyboard: input_room() may have grown. Any context.
    virtual void resume_input() {}

protected:
    ~Sink() = default;
};
// For ever. Precondition: fewer than k_most_sinks are there.
inline constexpr unsigned k_most_sinks = 2;
void add_sink(Sink& sink);

// One line of the kernel itself, printf style, prefixed "unik: "; goes to the error stream.
void log(const char* format, ...) __attribute__((format(printf, 1, 2)));

// Bytes typed on the first port or given to input(). The handler and `room`, which says how many it
// can take, run in interrupt context; when there was none, resume_input() says that there is some
// again.
void set_input_handler(void (*handler)(Bytes), std::size_t (*room)());
void resume_input();

// What a sink's keyboard sent: at most as many bytes as input_room() allows, which is none as long
// as nobody listens. With interrupts off.
std::size_t input_room();
void input(Bytes bytes);

} // namespace os::console
