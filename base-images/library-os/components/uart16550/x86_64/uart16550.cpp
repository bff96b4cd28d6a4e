// Registers as in the data sheet of National Semiconductor's PC16550D.
#include <uart16550/uart16550.hpp>

#include <arch/cpu.hpp>
#include <foundation/lock.hpp>
#include <interrupts/interrupts.hpp>

namespace os::uart16550 {
namespace {

constexpr std::uint16_t k_data = 0; // and divisor low
constexpr std::uint16_t k_interrupt_enable = 1;
constexpr std::uint16_t k_interrupt_identification = 2; // and FIFO control
constexpr std::uint16_t k_line_control = 3;
constexpr std::uint16_t k_modem_control = 4;
constexpr std::uint16_t k_line_status = 5;
constexpr std::uint16_t k_scratch = 7;

constexpr std::uint8_t k_received = 0x01;          // line status
constexpr std::uint8_t k_transmitter_empty = 0x20; // line status
constexpr std::uint8_t k_scratch_patterns[] = {0x5a, 0xa5};
constexpr std::size_t k_fifo_size = 16;

struct State {
    std::uint16_t base;
    std::uint8_t irq; // 0: no input
    bool present = false;
    void (*input)(Bytes) = nullptr;
    std::size_t (*room)() = nullptr; // null: for any number
};
constinit State g_ports[] = {{0x3f8, 4}, {0x2f8, 3}, {0x3e8, 0}};
constinit SpinLock g_lock{LockRank::console};
constinit bool g_initialised = false;
constinit bool g_unlocked = false;

State& state_of(Port port) {
    return g_ports[static_cast<unsigned>(port)];
}

// A port that is not there reads as all ones and keeps nothing.
bool answers(std::uint16_t base) {
    for (const std::uint8_t pattern : k_scratch_patterns) {
        arch::out8(static_cast<std::uint16_t>(base + k_scratch), pattern);
        if (arch::in8(static_cast<std::uint16_t>(base + k_scratch)) != pattern)
            return false;
    }
    return true;
}

void set_up(State& port) {
    constexpr std::uint8_t divisor_access = 0x80;
    constexpr std::uint8_t eight_bits_no_parity = 0x03;
    constexpr std::uint8_t fifos_on_and_cleared = 0x07;
    constexpr std::uint8_t dtr_rts_out2 = 0x0b; // OUT2 lets the interrupt through
    struct {
        std::uint16_t offset;
        std::uint8_t value;
    } const writes[] = {
        {k_interrupt_enable, 0},
        {k_line_control, divisor_access},
        {k_data, 1}, // 115200 baud
        {k_interrupt_enable, 0},
        {k_line_control, eight_bits_no_parity},
        {k_interrupt_identification, fifos_on_and_cleared},
        {k_modem_control, dtr_rts_out2},
    };
    for (const auto& write : writes)
        arch::out8(static_cast<std::uint16_t>(port.base + write.offset), write.value);
}

bool has(const State& port, std::uint8_t status) {
    return (arch::in8(static_cast<std::uint16_t>(port.base + k_line_status)) & status) != 0;
}

void transmit(const State& port, Bytes bytes) {
    for (std::size_t done = 0; done < bytes.size();) {
        while (!has(port, k_transmitter_empty))
            arch::pause();
        const Bytes burst = bytes.part(done, k_fifo_size);
        arch::out8_repeated(port.base, burst.data(), burst.size());
        done += burst.size();
    }
}

void enable_input(const State& port) {
    constexpr std::uint8_t on_received = 0x01;
    const auto enable = static_cast<std::uint16_t>(port.base + k_interrupt_enable);
    arch::out8(enable, 0);
    arch::out8(enable, on_received);
}

void on_interrupt(void* argument) {
    State& port = *static_cast<State*>(argument);
    if (port.input == nullptr)
        return; // what came stays in the FIFO, and the sender waits, until somebody listens
    std::uint8_t bytes[64];
    // Bounded, so that a port that never runs dry cannot hold the CPU.
    constexpr unsigned most_rounds = 16;
    for (unsigned round = 0; round < most_rounds && has(port, k_received); ++round) {
        const std::size_t room = port.room == nullptr ? sizeof(bytes) : port.room();
        if (room == 0)
            return; // until resume_input()
        std::size_t size = 0;
        while (size < sizeof(bytes) && size < room && has(port, k_received))
            bytes[size++] = arch::in8(port.base);
        port.input(Bytes(bytes, size));
    }
    // The input is edge-triggered: what is left over needs a new edge.
    if (has(port, k_received))
        enable_input(port);
}

} // namespace

void initialise() {
    if (g_initialised)
        return;
    g_initialised = true;
    for (State& port : g_ports) {
        port.present = answers(port.base);
        if (port.present)
            set_up(port);
    }
}

Result<void> start() {
    initialise();
    for (State& port : g_ports) {
        if (!port.present || port.irq == 0)
            continue;
        const std::uint8_t vector = UNIK_TRY(interrupts::allocate_vector(&on_interrupt, &port));
        UNIK_TRY(interrupts::route_isa(port.irq, vector));
        enable_input(port);
    }
    return {};
}

bool present(Port port) {
    return state_of(port).present;
}

void write(Port port, Bytes bytes) {
    const State& state = state_of(port);
    if (!state.present)
        return;
    if (g_unlocked)
        return transmit(state, bytes);
    LockGuard guard(g_lock);
    transmit(state, bytes);
}

void write_without_lock() {
    g_unlocked = true;
}

void flush() {
    constexpr std::uint8_t all_sent = 0x40; // line status: FIFO and shift register are empty
    for (const State& port : g_ports)
        for (unsigned patience = 100000; port.present && !has(port, all_sent) && patience > 0;
             --patience)
            arch::pause();
}

void set_input_handler(Port port, void (*handler)(Bytes), std::size_t (*room)()) {
    State& state = state_of(port);
    state.room = room;
    state.input = handler;
    resume_input(port);
}

void resume_input(Port port) {
    const State& state = state_of(port);
    if (state.present && state.irq != 0)
        enable_input(state); // a new edge for what has come already
}

} // namespace os::uart16550
