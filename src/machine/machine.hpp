// Boots a bundle on the local hypervisor (QEMU) and keeps the conversation with the guest.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <bundle/contents.hpp>
#include <manifests/setup.hpp>
#include <support/quantity.hpp>
#include <support/result.hpp>
#include <unikfile/manifest.hpp>

namespace unik::machine {

enum class Input { none, forward }; // our standard input to the guest's
enum class Accelerator { automatic, kvm, tcg };

enum class Hypervisor { own, qemu }; // the target's own where unik drives it, or QEMU instead

struct PortForward {
    std::uint16_t host = 0; // 0: a free one is picked
    std::uint16_t guest = 0;
    unikfile::Protocol protocol = unikfile::Protocol::tcp;
};

struct RunOptions {
    std::filesystem::path bundle;
    // Set when the bundle was verified: nothing is read from its folder any more, and the
    // hypervisor inherits these files.
    std::shared_ptr<const bundle::Verified> verified;
    manifests::Setup setup; // chosen from what the target has
    Hypervisor hypervisor = Hypervisor::own;
    Accelerator accelerator = Accelerator::automatic;
    std::vector<PortForward> ports;
    std::vector<std::pair<std::string, std::string>> environment;
    std::optional<std::vector<std::string>> arguments; // set: replaces the image's arguments
    Bytes memory;
    unsigned cpus = 1;
    std::optional<std::chrono::milliseconds> timeout;
    std::chrono::milliseconds grace{5000}; // from the stop request to the kill
    std::vector<std::string> qemu_arguments;
    std::string tap; // a network device of this host, for hypervisors other than QEMU
    Input input = Input::forward;
};

// Where a file of the bundle is to be read: by its descriptor when it was verified.
std::filesystem::path file_of(const RunOptions& options, const std::string& name);

// What the caller (cli) is told while the guest runs.
struct Listener {
    std::function<void(std::string_view)> on_output; // the guest's standard output
    std::function<void(std::string_view)> on_error;  // the guest's standard error and console
    // One control channel line, checked: an object with a text "event", no control characters.
    // Added to each: "host_ms" since the hypervisor was started; to "listen", where the port is
    // forwarded, "host_port". One is ours, the first: {"event":"started","accelerator":…,
    // "ports":[{"host":…,"guest":…,"protocol":…}]}.
    std::function<void(const nlohmann::json&)> on_event;
};

struct Outcome {
    enum class Kind { exited, fault, panicked, timed_out, stopped, hypervisor_failed };
    Kind kind = Kind::exited;
    int exit_code = 0;  // the guest program's own, 128 + signal after a fatal signal
    std::string detail; // for people
};

// The hypervisor's program is qemu-system-x86_64 in $PATH, or what $UNIK_QEMU names; Firecracker
// and Cloud Hypervisor for the targets of these names.

// The command line that run() would use, for --print-command (temporary paths included).
Result<std::vector<std::string>> command_line(const RunOptions& options,
                                              const manifests::Target& target);

// The same as a shell takes it, with what the hypervisor reads beside it, but without the values of
// the guest's variables: they may be secrets.
Result<std::string> shell_command(const RunOptions& options, const manifests::Target& target);

// Runs to the end. Leaves no process and no file behind, however it ends (SIGINT and SIGTERM of
// our own process are turned into a stop request to the guest).
Result<Outcome> run(const RunOptions& options, const manifests::Target& target,
                    const Listener& listener);

} // namespace unik::machine
