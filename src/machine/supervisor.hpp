// One run of the hypervisor: carries bytes between the guest and the Listener, watches the clock
// and our own signals, and works out how it ended.
//
//     first SIGINT, SIGTERM, SIGHUP   "stop" to the guest; after the grace period SIGKILL to QEMU
//     second, half a second later     SIGKILL at once
//     timeout                         SIGKILL
//     exit, signal, panic event       QEMU has a few seconds to end, then SIGKILL
//
// The guest is not trusted: what it says decides its outcome and nothing else.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <poll.h>

#include <machine/child.hpp>
#include <machine/control_channel.hpp>
#include <machine/firmware_words.hpp>
#include <machine/guest_port.hpp>
#include <machine/inline_channel.hpp>
#include <machine/machine.hpp>
#include <machine/qemu_command.hpp>
#include <machine/signal_watch.hpp>
#include <machine/standard_input.hpp>

namespace unik::machine {

class Supervisor {
public:
    using Clock = std::chrono::steady_clock;
    using Ports = std::array<GuestPort, k_port_count>;

    // Whether the guest has a port for each purpose, or one for all (inline_channel.hpp).
    enum class Conversation { ports, one_port };

    Supervisor(const RunOptions& options, const Listener& listener,
               std::vector<PortForward> forwards, Conversation conversation = Conversation::ports);

    // Until the process has ended and all that it sent is delivered.
    Outcome run(Child child, Ports ports, SignalWatch& signals);
    // What QEMU itself said; bounded.
    const std::string& hypervisor_words() const { return words_; }

private:
    enum class Slot { process, words, output, control, error, signals, input };
    static constexpr std::size_t k_slots = 7;

    std::array<pollfd, k_slots> wanted(const Child& child, const Ports& ports,
                                       const SignalWatch& signals) const;
    int milliseconds_to_deadline() const;
    void handle(const std::array<pollfd, k_slots>& ready, Child& child, Ports& ports,
                SignalWatch& signals);
    void check_deadlines(Child& child);
    void receive(GuestPort& port, Port which);
    void show_firmware_words();
    void take_output(std::string_view bytes);
    void drain(Child& child, Ports& ports);
    void read_words(const Child& child);
    void take_event(nlohmann::json event);
    void add_host_port(nlohmann::json& event) const;
    void request_stop(int signal, Child& child, GuestPort& control);
    void end_soon();
    Outcome outcome(int status) const;
    std::optional<Outcome> forced_outcome() const;
    Outcome silent_outcome(int status) const;

    const RunOptions& options_;
    const Listener& listener_;
    std::vector<PortForward> forwards_;
    Conversation conversation_;
    InlineChannel inline_channel_;
    StandardInput input_;
    ControlChannel channel_;
    std::array<FirmwareWords, k_port_count> firmware_words_;
    Clock::time_point start_ = Clock::now();
    std::optional<Clock::time_point> time_up_; // --timeout
    std::optional<Clock::time_point> kill_at_; // grace period, or QEMU slow to end

    std::string words_;
    bool words_open_ = true;
    bool heard_ = false;       // anything from the guest
    bool heard_event_ = false; // its serial ports are set up
    bool timed_out_ = false;
    bool killed_ = false;
    bool impatient_ = false; // a second signal came
    int stop_signal_ = 0;
    Clock::time_point stop_requested_;
    std::optional<int> exit_code_;
    std::optional<nlohmann::json> fault_;
    std::optional<std::string> panic_;
};

} // namespace unik::machine
