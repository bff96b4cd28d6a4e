#include <machine/supervisor.hpp>

#include <algorithm>
#include <csignal>

#include <fmt/format.h>

namespace unik::machine {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr auto k_power_off_time = 5s;
// A terminal and whatever wraps us (timeout(1), make) may each pass on the same Ctrl-C.
constexpr auto k_same_request = 500ms;
constexpr std::size_t k_longest_words = 64 * 1024;
constexpr std::size_t k_longest_input_queue = 64 * 1024;

std::int64_t number(const json& event, const char* key, std::int64_t fallback) {
    const auto member = event.find(key);
    return member != event.end() && member->is_number_integer() ? member->get<std::int64_t>()
                                                                : fallback;
}

std::string text(const json& event, const char* key) {
    const auto member = event.find(key);
    return member != event.end() && member->is_string() ? member->get<std::string>()
                                                        : std::string();
}

FirmwareWords::Expected firmware_talks(const RunOptions& options) {
    return options.setup.firmware->talks ? FirmwareWords::Expected::yes
                                         : FirmwareWords::Expected::no;
}

} // namespace

Supervisor::Supervisor(const RunOptions& options, const Listener& listener,
                       std::vector<PortForward> forwards, Conversation conversation)
    : options_(options), listener_(listener), forwards_(std::move(forwards)),
      conversation_(conversation), input_(options.input),
      channel_([this](json event) { take_event(std::move(event)); }),
      firmware_words_{FirmwareWords(firmware_talks(options)),
                      FirmwareWords(firmware_talks(options)),
                      FirmwareWords(FirmwareWords::Expected::no)} {
    if (options.timeout)
        time_up_ = start_ + *options.timeout;
}

Outcome Supervisor::run(Child child, Ports ports, SignalWatch& signals) {
    while (!child.status()) {
        auto slots = wanted(child, ports, signals);
        if (::poll(slots.data(), slots.size(), milliseconds_to_deadline()) > 0)
            handle(slots, child, ports, signals);
        check_deadlines(child);
    }
    drain(child, ports);
    return outcome(child.wait());
}

std::array<pollfd, Supervisor::k_slots> Supervisor::wanted(const Child& child, const Ports& ports,
                                                           const SignalWatch& signals) const {
    // Input waits for the first event: earlier bytes are lost when the guest sets up its ports.
    const GuestPort& output = ports[static_cast<std::size_t>(Port::output)];
    const bool input = heard_event_ && output.is_connected() && !output.is_finished() &&
                       output.queued() < k_longest_input_queue && input_.may_read();
    std::array<pollfd, k_slots> slots{};
    const auto set = [&](Slot slot, int descriptor, short events) {
        slots[static_cast<std::size_t>(slot)] = {descriptor, events, 0};
    };
    set(Slot::process, child.process(), POLLIN);
    set(Slot::words, words_open_ ? child.errors() : -1, POLLIN);
    for (std::size_t i = 0; i < ports.size(); ++i)
        slots[static_cast<std::size_t>(Slot::output) + i] = {ports[i].descriptor(),
                                                             ports[i].interest(), 0};
    set(Slot::signals, signals.descriptor(), POLLIN);
    set(Slot::input, input ? STDIN_FILENO : -1, POLLIN);
    return slots;
}

int Supervisor::milliseconds_to_deadline() const {
    auto nearest = Clock::time_point::max();
    for (const auto& deadline : {time_up_, kill_at_}) {
        if (deadline && !killed_)
            nearest = std::min(nearest, *deadline);
    }
    if (nearest == Clock::time_point::max())
        return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(nearest - Clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

void Supervisor::handle(const std::array<pollfd, k_slots>& ready, Child& child, Ports& ports,
                        SignalWatch& signals) {
    const auto is_ready = [&](Slot slot) {
        return ready[static_cast<std::size_t>(slot)].revents != 0;
    };
    if (is_ready(Slot::words))
        read_words(child);
    // Output before events: what the program wrote before it ended is shown before its end.
    for (const auto& [slot, port] :
         {std::pair{Slot::output, Port::output}, std::pair{Slot::error, Port::error},
          std::pair{Slot::control, Port::control}}) {
        GuestPort& guest = ports[static_cast<std::size_t>(port)];
        guest.flush();
        if (is_ready(slot))
            receive(guest, port);
    }
    if (is_ready(Slot::input))
        ports[static_cast<std::size_t>(Port::output)].send(input_.read());
    if (!is_ready(Slot::signals))
        return;
    for (int signal = signals.take(); signal != 0; signal = signals.take())
        request_stop(signal, child, ports[static_cast<std::size_t>(Port::control)]);
}

void Supervisor::request_stop(int signal, Child& child, GuestPort& control) {
    if (stop_signal_ != 0) {
        if (Clock::now() - stop_requested_ < k_same_request)
            return;
        impatient_ = killed_ = true;
        child.kill();
        return;
    }
    stop_signal_ = signal;
    stop_requested_ = Clock::now();
    control.send("\nstop\n"); // the first line end closes what noise may have left there
    kill_at_ = Clock::now() + (conversation_ == Conversation::ports ? options_.grace : 0ms);
}

void Supervisor::check_deadlines(Child& child) {
    const auto now = Clock::now();
    if (killed_ || child.status())
        return;
    timed_out_ = time_up_ && now >= *time_up_;
    if (timed_out_ || (kill_at_ && now >= *kill_at_)) {
        killed_ = true;
        child.kill();
    }
}

void Supervisor::receive(GuestPort& port, Port which) {
    std::string bytes;
    port.receive(bytes);
    const auto own = firmware_words_.at(static_cast<std::size_t>(which)).pass(bytes);
    if (own.empty())
        return;
    heard_ = true;
    if (which == Port::control)
        channel_.feed(own);
    else if (which == Port::output)
        take_output(own);
    else if (listener_.on_error)
        listener_.on_error(own);
}

void Supervisor::take_output(std::string_view bytes) {
    InlineChannel::Parts parts;
    if (conversation_ == Conversation::one_port) {
        parts = inline_channel_.split(bytes);
        bytes = parts.output;
    }
    if (!bytes.empty() && listener_.on_output)
        listener_.on_output(bytes);
    channel_.feed(parts.events);
}

// The guest never came: the firmware's words may say why.
void Supervisor::show_firmware_words() {
    const std::string words =
        firmware_words_.at(static_cast<std::size_t>(Port::output)).take_rest();
    if (!words.empty() && listener_.on_error)
        listener_.on_error(words + "\n");
}

// The process has ended: what it sent is there already.
void Supervisor::drain(Child& child, Ports& ports) {
    read_words(child);
    for (const Port which : {Port::output, Port::error, Port::control}) {
        GuestPort& port = ports[static_cast<std::size_t>(which)];
        pollfd slot{port.descriptor(), POLLIN, 0};
        while (!port.is_finished() && ::poll(&slot, 1, 0) > 0) {
            receive(port, which);
            slot.fd = port.descriptor();
        }
    }
    show_firmware_words();
}

void Supervisor::read_words(const Child& child) {
    std::array<char, 4096> block;
    for (;;) {
        const ssize_t got = ::read(child.errors(), block.data(), block.size());
        words_open_ = words_open_ && got != 0;
        if (got <= 0)
            return;
        words_.append(block.data(), static_cast<std::size_t>(got));
        if (words_.size() > 2 * k_longest_words)
            words_.erase(0, words_.size() - k_longest_words);
    }
}

// A port of the guest that only the guest itself can reach is not forwarded.
void Supervisor::add_host_port(json& event) const {
    const std::string address = text(event, "address");
    const std::int64_t port = number(event, "port", 0);
    const auto protocol =
        text(event, "protocol") == "udp" ? unikfile::Protocol::udp : unikfile::Protocol::tcp;
    event.erase("host_port");
    if (address.starts_with("127.") || address == "::1")
        return;
    for (const PortForward& forward : forwards_) {
        if (forward.guest == port && forward.protocol == protocol)
            event["host_port"] = forward.host;
    }
}

void Supervisor::take_event(json event) {
    heard_event_ = true;
    const std::string name = text(event, "event");
    event["host_ms"] =
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start_).count();
    if (name == "listen")
        add_host_port(event);
    if (name == "exit")
        exit_code_ = static_cast<int>(number(event, "code", 1) & 0xff);
    else if (name == "panic")
        panic_ = text(event, "message");
    else if (name == "signal")
        fault_ = event;
    if (name == "exit" || name == "panic" || name == "signal")
        end_soon();
    if (listener_.on_event)
        listener_.on_event(event);
}

void Supervisor::end_soon() {
    time_up_.reset();
    const auto latest = Clock::now() + k_power_off_time;
    kill_at_ = kill_at_ ? std::min(*kill_at_, latest) : latest;
}

} // namespace unik::machine
