#include <console/console.hpp>

#include <cstdarg>

#include <arch/cpu.hpp>
#include <configuration/configuration.hpp>
#include <foundation/format.hpp>
#include <uart16550/uart16550.hpp>

namespace os::console {
namespace {

using uart16550::Port;

constinit bool g_split = false;
constinit Sink* g_sinks[k_most_sinks] = {};

// Who listens.
struct Input {
    void (*handler)(Bytes) = nullptr;
    std::size_t (*room)() = nullptr;
};
constinit Input g_input;

Port port_of(Stream stream) {
    const bool own_port = stream == Stream::error && g_split && uart16550::present(Port::third);
    return own_port ? Port::third : Port::first;
}

} // namespace

Result<void> start() {
    g_split = configuration::setting("console") == "split";
    const StringView mark = configuration::setting("mark");
    if (g_split && !mark.empty())
        for (const Port port : {Port::first, Port::second})
            uart16550::write(
                port, Bytes(reinterpret_cast<const std::uint8_t*>(mark.data()), mark.size()));
    return {};
}

void write(Stream stream, Bytes bytes) {
    uart16550::write(port_of(stream), bytes);
    if (g_sinks[0] == nullptr)
        return;
    arch::InterruptGuard guard;
    for (Sink* sink : g_sinks)
        if (sink != nullptr)
            sink->write(bytes);
}

void add_sink(Sink& sink) {
    for (Sink*& place : g_sinks) {
        if (place == nullptr) {
            place = &sink;
            return;
        }
    }
}

void log(const char* format, ...) {
    char line[320] = "unik: ";
    constexpr std::size_t prefix = 6;
    std::va_list arguments;
    va_start(arguments, format);
    std::size_t size =
        prefix + format_arguments(line + prefix, sizeof(line) - prefix - 1, format, arguments);
    va_end(arguments);
    line[size++] = '\n';
    write(Stream::error, Bytes(reinterpret_cast<const std::uint8_t*>(line), size));
}

void set_input_handler(void (*handler)(Bytes), std::size_t (*room)()) {
    g_input = {handler, room};
    uart16550::set_input_handler(Port::first, handler, room);
    resume_input();
}

void resume_input() {
    uart16550::resume_input(Port::first);
    for (Sink* sink : g_sinks)
        if (sink != nullptr)
            sink->resume_input();
}

std::size_t input_room() {
    return g_input.handler == nullptr ? 0 : g_input.room();
}

void input(Bytes bytes) {
    g_input.handler(bytes);
}

} // namespace os::console
