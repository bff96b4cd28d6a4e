#include <cli/run_reporter.hpp>

#include <fmt/format.h>

#include <cli/log.hpp>
#include <cli/terminal.hpp>
#include <machine/crash_report.hpp>

namespace unik::cli {
namespace {

using nlohmann::json;

std::string text(const json& event, const char* key) {
    const auto member = event.find(key);
    if (member == event.end())
        return {};
    return printable(member->is_string() ? member->get<std::string>() : member->dump());
}

std::int64_t number(const json& event, const char* key) {
    const auto member = event.find(key);
    return member != event.end() && member->is_number_integer() ? member->get<std::int64_t>() : 0;
}

// How a client would reach it; http is a guess that only the usual ports allow.
std::string url(std::int64_t guest_port, std::int64_t host_port, bool udp) {
    if (udp)
        return fmt::format("udp://localhost:{}", host_port);
    const bool http = guest_port == 80 || guest_port == 3000 || guest_port == 5000 ||
                      (guest_port >= 8000 && guest_port < 9000);
    return fmt::format("{}://localhost:{}", http ? "http" : "tcp", host_port);
}

} // namespace

RunReporter::RunReporter(const machine::RunOptions& options, Verbosity verbosity)
    : options_(options), verbosity_(verbosity) {}

void RunReporter::say(const std::string& line) const {
    if (verbosity_ != Verbosity::quiet)
        print_error(line + "\n");
}

machine::Listener RunReporter::listener() {
    return {[](std::string_view bytes) { print(bytes); },
            [](std::string_view bytes) { print_error(bytes); },
            [this](const json& event) { on_event(event); }};
}

void RunReporter::on_listen(const json& event) {
    const std::int64_t port = number(event, "port");
    const bool udp = text(event, "protocol") == "udp";
    const std::int64_t host_port = number(event, "host_port");
    const std::string what = fmt::format("{}{}", port, udp ? "/udp" : "");
    if (!announced_.insert(what).second)
        return;
    if (host_port > 0)
        say(fmt::format("{} in {} ms: {}", tinted(Tint::green, "ready"), number(event, "host_ms"),
                        url(port, host_port, udp)));
    else
        say(fmt::format("listening on port {} of the guest after {} ms; forward it with -p 0:{}",
                        what, number(event, "host_ms"), what));
}

void RunReporter::on_event(const json& event) {
    const std::string name = text(event, "event");
    if (log().should_log(spdlog::level::info))
        log().info("event: {}", event.dump(-1, ' ', false, json::error_handler_t::replace));
    if (name == "listen")
        on_listen(event);
    else if (name == "warning")
        say(fmt::format("{}: {} [{}]", tinted(Tint::yellow, "warning"), text(event, "message"),
                        text(event, "id")));
    else if (name == "signal" || name == "panic" || name == "out-of-memory")
        print_error(machine::crash_report(event, machine::file_of(options_, "kernel.debug")));
}

int RunReporter::conclude(const machine::Outcome& outcome) {
    using Kind = machine::Outcome::Kind;
    if (outcome.kind == Kind::exited || outcome.kind == Kind::fault ||
        outcome.kind == Kind::stopped) {
        if (!outcome.detail.empty())
            say(outcome.detail);
        return outcome.exit_code;
    }
    constexpr int k_timed_out = 124; // as timeout(1)
    print_error(fmt::format("{}: {}\n", tinted(Tint::red, "error"), outcome.detail));
    return outcome.kind == Kind::timed_out ? k_timed_out : static_cast<int>(ExitCode::failure);
}

} // namespace unik::cli
