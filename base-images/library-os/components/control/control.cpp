#include <control/control.hpp>

#include <cstdarg>

#include <arch/cpu.hpp>
#include <configuration/configuration.hpp>
#include <console/console.hpp>
#include <foundation/format.hpp>
#include <power/power.hpp>
#include <uart16550/uart16550.hpp>

namespace os::control {
namespace {

using uart16550::Port;

using CommandHandler = void (*)(StringView);
constinit CommandHandler g_command_handler = nullptr;
constinit bool g_channel = false;
constinit bool g_inline = false; // between the program's output on the first port

// The command that is being received; one that is too long is dropped whole.
constexpr std::size_t k_longest_command = 128;
constinit char g_command[k_longest_command] = {};
constinit std::size_t g_command_size = 0;
// The last one that came before anybody listened.
constinit char g_waiting[k_longest_command] = {};
constinit std::size_t g_waiting_size = 0;

void give(StringView command) {
    if (command.empty())
        return;
    if (g_command_handler != nullptr)
        return g_command_handler(command);
    __builtin_memcpy(g_waiting, command.data(), command.size());
    g_waiting_size = command.size();
}

void on_input(Bytes bytes) {
    for (const std::uint8_t byte : bytes) {
        if (byte == '\n' || byte == '\r') {
            if (g_command_size <= sizeof(g_command))
                give(StringView(g_command, g_command_size));
            g_command_size = 0;
        } else if (g_command_size < sizeof(g_command)) {
            g_command[g_command_size++] = static_cast<char>(byte);
        } else {
            g_command_size = sizeof(g_command) + 1;
        }
    }
}

void on_power_button() {
    give("stop");
}

} // namespace

Result<void> start() {
    const StringView console = configuration::setting("console");
    const bool split = console == "split" && uart16550::present(Port::second);
    g_inline = console == "inline";
    g_channel = split || g_inline;
    if (split)
        uart16550::set_input_handler(Port::second, &on_input);
    power::set_button_handler(&on_power_button);
    return {};
}

bool has_channel() {
    return g_channel;
}

void Event::send() {
    if (!g_channel)
        return;
    constexpr std::uint8_t record_separator[] = {0x1e};
    const StringView text = line();
    const Bytes bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    if (!g_inline)
        return uart16550::write(Port::second, bytes);
    arch::InterruptGuard guard; // nothing of the program's comes in between
    uart16550::write(Port::first, Bytes(record_separator, sizeof(record_separator)));
    uart16550::write(Port::first, bytes);
}

void warn(const char* id, const char* format, ...) {
    char message[256];
    std::va_list arguments;
    va_start(arguments, format);
    const std::size_t size = format_arguments(message, sizeof(message), format, arguments);
    va_end(arguments);
    if (g_channel)
        Event("warning").text("id", id).text("message", StringView(message, size)).send();
    else
        console::log("warning: %s [%s]", message, id);
}

void set_command_handler(void (*handler)(StringView command)) {
    arch::InterruptGuard guard;
    g_command_handler = handler;
    const std::size_t waiting = g_waiting_size;
    g_waiting_size = 0;
    if (handler != nullptr && waiting > 0)
        handler(StringView(g_waiting, waiting));
}

void exit(int code) {
    Event("exit").number("code", code).send();
    uart16550::flush();
    power::off(code);
}

} // namespace os::control
