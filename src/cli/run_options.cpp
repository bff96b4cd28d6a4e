#include <cli/run_options.hpp>

#include <charconv>
#include <cstdlib>
#include <sstream>

#include <fmt/format.h>

#include <support/file.hpp>

namespace unik::cli {
namespace {

Error usage(std::string message, std::string hint) {
    return make_error("usage", std::move(message), std::move(hint), ExitCode::usage);
}

template <typename Number>
bool parse_number(std::string_view text, Number& out) {
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), out);
    return status == std::errc{} && end == text.data() + text.size();
}

Result<std::chrono::milliseconds> parse_seconds(const std::string& text) {
    double seconds = 0;
    if (!parse_number(text, seconds) || !(seconds > 0) || seconds > 1e9)
        return usage(fmt::format("--timeout is '{}', expected a number of seconds", text),
                     "such as 10 or 0.5");
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

using Variables = std::vector<std::pair<std::string, std::string>>;

Result<void> read_env_file(const std::string& path, Variables& variables) {
    auto text = read_text_file(path, Bytes{1 << 20});
    if (!text.ok()) {
        Error error = text.error();
        error.diagnostics[0].hint = "--env-file takes a file with one NAME=VALUE a line";
        error.exit_code = ExitCode::usage;
        return error;
    }
    std::istringstream lines(std::move(text).value());
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (line.empty() || line[0] == '#')
            continue;
        variables.push_back(UNIK_TRY(parse_variable(line, fmt::format("{}:{}", path, number))));
    }
    return {};
}

Result<Variables> variables_of(const Invocation& invocation) {
    Variables variables;
    for (const std::string& file : invocation.all("env-file"))
        UNIK_TRY(read_env_file(file, variables));
    for (const std::string& text : invocation.all("env"))
        variables.push_back(UNIK_TRY(parse_variable(text, "--env")));
    return variables;
}

Result<Bytes> memory_of(const std::string& text) {
    constexpr Bytes k_least{1ULL << 20};
    constexpr Bytes k_most{1ULL << 40};
    const auto memory = parse_bytes(text);
    if (!memory || *memory < k_least || *memory > k_most)
        return usage(fmt::format("--memory is '{}', expected a size from 1M to 1T", text),
                     "such as 64M or 1G");
    return *memory;
}

Result<unsigned> cpus_of(const std::string& text) {
    unsigned cpus = 0;
    if (!parse_number(text, cpus) || cpus == 0 || cpus > 255)
        return usage(fmt::format("--cpus is '{}', expected a number from 1 to 255", text),
                     "the library OS runs the program on one of them");
    return cpus;
}

machine::Accelerator accelerator_of(std::string_view name) {
    if (name == "kvm")
        return machine::Accelerator::kvm;
    return name == "tcg" ? machine::Accelerator::tcg : machine::Accelerator::automatic;
}

} // namespace

Result<machine::PortForward> parse_port_forward(const std::string& text) {
    machine::PortForward port;
    std::string_view rest = text;
    if (rest.ends_with("/udp"))
        port.protocol = unikfile::Protocol::udp;
    if (const std::size_t slash = rest.rfind('/'); slash != std::string_view::npos) {
        const std::string_view protocol = rest.substr(slash + 1);
        if (protocol != "udp" && protocol != "tcp")
            return usage(fmt::format("--publish is '{}': expected the protocol tcp or udp", text),
                         "such as -p 5353:53/udp");
        rest = rest.substr(0, slash);
    }
    const std::size_t colon = rest.find(':');
    const std::string_view guest = colon == std::string_view::npos ? rest : rest.substr(colon + 1);
    const std::string_view host = rest.substr(0, colon);
    if (!parse_number(host, port.host) || !parse_number(guest, port.guest) || port.guest == 0)
        return usage(fmt::format("--publish is '{}', expected HOST:GUEST or HOST:GUEST/udp with "
                                 "port numbers up to 65535",
                                 text),
                     "host port 0 picks a free one: -p 0:8080");
    return port;
}

Result<std::pair<std::string, std::string>> parse_variable(const std::string& text,
                                                           const std::string& where) {
    const std::size_t equals = text.find('=');
    std::string name = text.substr(0, equals);
    if (name.empty())
        return usage(fmt::format("{}: '{}' has no name, expected NAME=VALUE", where, text),
                     "NAME alone takes the value that it has on this host");
    if (equals != std::string::npos)
        return std::pair{std::move(name), text.substr(equals + 1)};
    const char* value = std::getenv(name.c_str());
    if (value == nullptr)
        return usage(fmt::format("{}: '{}' is not set on this host", where, name),
                     "give a value: NAME=VALUE");
    return std::pair{std::move(name), std::string(value)};
}

Result<machine::RunOptions> run_options(const Invocation& invocation) {
    machine::RunOptions options;
    options.accelerator = accelerator_of(invocation.value("accel"));
    for (const std::string& text : invocation.all("publish"))
        options.ports.push_back(UNIK_TRY(parse_port_forward(text)));
    options.environment = UNIK_TRY(variables_of(invocation));
    if (invocation.has("ARGS"))
        options.arguments = invocation.all("ARGS");
    if (invocation.has("memory"))
        options.memory = UNIK_TRY(memory_of(invocation.value("memory")));
    if (invocation.has("cpus"))
        options.cpus = UNIK_TRY(cpus_of(invocation.value("cpus")));
    if (invocation.has("timeout"))
        options.timeout = UNIK_TRY(parse_seconds(invocation.value("timeout")));
    options.qemu_arguments = invocation.all("qemu-arg");
    if (invocation.has("machine"))
        options.hypervisor = machine::Hypervisor::qemu;
    options.tap = invocation.value("tap");
    return options;
}

manifests::Wishes wishes(const Invocation& invocation) {
    return {invocation.value("boot"), invocation.value("machine"),
            invocation.value("disk-controller"), invocation.value("network-card")};
}

void fill_in(machine::RunOptions& options, const Invocation& invocation,
             const bundle::Image& image) {
    if (!invocation.has("publish"))
        for (const unikfile::Port& port : image.expose)
            options.ports.push_back({0, port.number, port.protocol});
    if (!invocation.has("memory"))
        options.memory = image.memory;
    if (!invocation.has("cpus"))
        options.cpus = image.cpus;
}

} // namespace unik::cli
