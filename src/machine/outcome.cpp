// How a run ended, from what was seen of it.
#include <algorithm>
#include <csignal>

#include <fmt/format.h>

#include <machine/control_channel.hpp>
#include <machine/supervisor.hpp>

namespace unik::machine {
namespace {

constexpr int k_signal_base = 128;
constexpr int k_timed_out = 124; // as timeout(1)
constexpr int k_failed = 1;

// A line of the hypervisor as it may stand on a terminal.
std::string printable_words(std::string_view words) {
    std::string out;
    for (const char c : words)
        out += c == '\n' || (c >= ' ' && c <= '~') ? c : '?';
    while (!out.empty() && out.back() == '\n')
        out.pop_back();
    return out;
}

std::string seconds(std::chrono::milliseconds time) {
    return fmt::format("{:g} s", static_cast<double>(time.count()) / 1000);
}

int signal_of(const nlohmann::json& fault) {
    const auto member = fault.find("signal");
    if (member == fault.end() || !member->is_number_integer())
        return SIGKILL;
    return static_cast<int>(std::clamp<std::int64_t>(member->get<std::int64_t>(), 1, 64));
}

std::string name_of(const nlohmann::json& fault) {
    const auto member = fault.find("name");
    return member != fault.end() && member->is_string()
               ? member->get<std::string>()
               : fmt::format("signal {}", signal_of(fault));
}

} // namespace

// We ended it, or asked it to end.
std::optional<Outcome> Supervisor::forced_outcome() const {
    using Kind = Outcome::Kind;
    if (timed_out_)
        return Outcome{Kind::timed_out, k_timed_out,
                       fmt::format("the guest did not end within {} and was stopped",
                                   seconds(*options_.timeout))};
    if (stop_signal_ == 0)
        return std::nullopt;
    if (exit_code_)
        return Outcome{Kind::stopped, *exit_code_, {}};
    if (impatient_)
        return Outcome{Kind::stopped, k_signal_base + SIGKILL,
                       "the guest was killed before it had stopped"};
    if (killed_ && conversation_ == Conversation::ports)
        return Outcome{Kind::stopped, k_signal_base + SIGKILL,
                       fmt::format("the guest did not stop within {} and was killed",
                                   seconds(options_.grace))};
    return Outcome{Kind::stopped, k_signal_base + stop_signal_, {}};
}

// The hypervisor ended and the guest had not said that it would.
Outcome Supervisor::silent_outcome(int status) const {
    using Kind = Outcome::Kind;
    const std::string words = printable_words(words_);
    const std::string said = words.empty() ? std::string() : ":\n" + words;
    if (!heard_ && status != 0)
        return {Kind::hypervisor_failed, k_failed,
                fmt::format("the hypervisor ended with status {} before the guest said a word{}",
                            status, said)};
    return {Kind::panicked, k_failed,
            fmt::format("the machine ended (the hypervisor's status is {}) and the guest did not "
                        "say why; a CPU that faults while it handles a fault does that{}",
                        status, said)};
}

Outcome Supervisor::outcome(int status) const {
    using Kind = Outcome::Kind;
    if (const auto forced = forced_outcome())
        return *forced;
    if (panic_)
        return {Kind::panicked, k_failed, fmt::format("the library OS panicked: {}", *panic_)};
    if (fault_) {
        const int code = exit_code_.value_or(k_signal_base + signal_of(*fault_));
        return {Kind::fault, code, fmt::format("the program was ended by {}", name_of(*fault_))};
    }
    if (exit_code_)
        return {Kind::exited, *exit_code_, {}};
    return silent_outcome(status);
}

} // namespace unik::machine
