#include <machine/machine.hpp>

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <unistd.h>

#include <bundle/bundle.hpp>
#include <machine/accelerator.hpp>
#include <machine/boot_files.hpp>
#include <machine/configuration.hpp>
#include <machine/foreign_command.hpp>
#include <machine/ports.hpp>
#include <machine/qemu_command.hpp>
#include <machine/supervisor.hpp>
#include <support/owned_folder.hpp>
#include <support/process.hpp>

namespace unik::machine {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_folder_prefix = "unik-run-";
constexpr unsigned k_attempts = 5;

std::string program() {
    const char* chosen = std::getenv("UNIK_QEMU");
    return chosen != nullptr && *chosen != '\0' ? chosen : "qemu-system-x86_64";
}

// A folder that only we can enter anyway, or else the one for temporary files.
Result<fs::path> folder_parent() {
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    if (runtime != nullptr && *runtime == '/' && ::access(runtime, W_OK | X_OK) == 0)
        return fs::path(runtime);
    std::error_code status;
    fs::path temporary = fs::temp_directory_path(status);
    if (status)
        return file_error("use the folder for temporary files", "/tmp", status.value());
    return temporary;
}

fs::path unpacked_path(const fs::path& folder) {
    return folder / "disk.raw";
}

Result<Launch> plan(const RunOptions& options, const manifests::Target& target) {
    Launch launch;
    launch.program = program();
    if (!is_foreign(options, target))
        launch.accelerator = UNIK_TRY(choose_accelerator(options.accelerator));
    launch.kernel = file_of(options, "kernel.elf");
    const bundle::Image image =
        options.verified ? options.verified->image : UNIK_TRY(bundle::open(options.bundle));
    const BootDisk disk = UNIK_TRY(disk_of(image, options.bundle, target));
    launch.disk = file_of(options, disk.path.filename());
    launch.disk_format = disk.qemu_format;
    launch.files = files_of(*options.setup.firmware);
    if (is_foreign(options, target))
        launch.program = target.program;
    return launch;
}

// A disk that only we can read is unpacked beside the sockets.
Result<void> unpack_into(const fs::path& folder, Launch& launch) {
    if (!launch.disk_format.empty())
        return {};
    const fs::path raw = unpacked_path(folder);
    UNIK_TRY(unpack(launch.disk, raw));
    launch.disk = raw;
    launch.disk_format = "raw";
    return {};
}

nlohmann::json started_event(const Launch& launch) {
    nlohmann::json ports = nlohmann::json::array();
    for (const PortForward& port : launch.ports)
        ports.push_back({{"host", port.host},
                         {"guest", port.guest},
                         {"protocol", port.protocol == unikfile::Protocol::udp ? "udp" : "tcp"}});
    return {{"event", "started"},
            {"host_ms", 0},
            {"accelerator", launch.accelerator == Accelerator::kvm ? "kvm" : "tcg"},
            {"ports", ports}};
}

struct Attempt {
    Outcome outcome;
    bool port_taken = false;
};

Result<Attempt> attempt(const RunOptions& options, const Listener& listener, Launch& launch) {
    UNIK_TRY(check_files(*options.setup.firmware));
    SignalWatch signals = UNIK_TRY(SignalWatch::create()); // first: it outlives the folder
    const fs::path parent = UNIK_TRY(folder_parent());
    remove_abandoned_folders(k_folder_prefix, parent);
    const OwnedFolder folder = UNIK_TRY(OwnedFolder::create(k_folder_prefix, parent));
    launch.folder = folder.path();
    UNIK_TRY(unpack_into(folder.path(), launch));
    launch.ports = UNIK_TRY(pick_ports(options.ports));
    UNIK_TRY(write_file(configuration_path(launch.folder), UNIK_TRY(configuration_records(options)),
                        0600));
    Supervisor::Ports ports{UNIK_TRY(GuestPort::listen(socket_path(launch.folder, Port::output))),
                            UNIK_TRY(GuestPort::listen(socket_path(launch.folder, Port::control))),
                            UNIK_TRY(GuestPort::listen(socket_path(launch.folder, Port::error)))};
    const auto command = qemu_command(options, launch);

    Supervisor supervisor(options, listener, launch.ports);
    Child child = UNIK_TRY(Child::spawn(command));
    if (listener.on_event)
        listener.on_event(started_event(launch));
    Attempt made;
    made.outcome = supervisor.run(std::move(child), std::move(ports), signals);
    made.port_taken = made.outcome.kind == Outcome::Kind::hypervisor_failed &&
                      supervisor.hypervisor_words().find("host forwarding") != std::string::npos;
    return made;
}

// The hypervisor's standard input and output are the guest's only serial port.
Result<Outcome> run_foreign(const RunOptions& options, const manifests::Target& target,
                            const Listener& listener, Launch& launch) {
    SignalWatch signals = UNIK_TRY(SignalWatch::create());
    const fs::path parent = UNIK_TRY(folder_parent());
    remove_abandoned_folders(k_folder_prefix, parent);
    const OwnedFolder folder = UNIK_TRY(OwnedFolder::create(k_folder_prefix, parent));
    launch.folder = folder.path();
    const ForeignCommand command = UNIK_TRY(foreign_command(options, target, launch));
    if (!command.configuration.empty())
        UNIK_TRY(write_file(command.configuration, command.configuration_text, 0600));
    auto [ours, theirs] = UNIK_TRY(GuestPort::pair());
    Supervisor::Ports ports{std::move(ours), GuestPort::none(), GuestPort::none()};
    Supervisor supervisor(options, listener, {}, Supervisor::Conversation::one_port);
    Child child = UNIK_TRY(Child::spawn(command.arguments, theirs.get()));
    theirs.close();
    return supervisor.run(std::move(child), std::move(ports), signals);
}

bool any_port_is_free_to_choose(const RunOptions& options) {
    for (const PortForward& port : options.ports) {
        if (port.host == 0)
            return true;
    }
    return false;
}

// Children find the files under /proc/self/fd.
Result<void> hand_over_files(const RunOptions& options) {
    if (options.verified)
        for (const auto& [name, file] : options.verified->files)
            UNIK_TRY(file.make_inheritable());
    return {};
}

} // namespace

fs::path file_of(const RunOptions& options, const std::string& name) {
    if (options.verified)
        if (const auto file = options.verified->files.find(name);
            file != options.verified->files.end())
            return file->second.path();
    return options.bundle / name;
}

Result<std::vector<std::string>> command_line(const RunOptions& options,
                                              const manifests::Target& target) {
    Launch launch = UNIK_TRY(plan(options, target));
    launch.folder = UNIK_TRY(folder_parent()) / fmt::format("{}XXXXXX", k_folder_prefix);
    if (is_foreign(options, target))
        return UNIK_TRY(foreign_command(options, target, launch)).arguments;
    launch.ports = UNIK_TRY(pick_ports(options.ports));
    if (launch.disk_format.empty()) {
        launch.disk = unpacked_path(launch.folder);
        launch.disk_format = "raw";
    }
    return qemu_command(options, launch);
}

Result<std::string> shell_command(const RunOptions& options, const manifests::Target& target) {
    if (!is_foreign(options, target))
        return to_shell(UNIK_TRY(command_line(options, target)));
    RunOptions shown = options;
    shown.environment.clear();
    ForeignCommand command =
        UNIK_TRY(foreign_command(shown, target, UNIK_TRY(plan(shown, target))));
    if (command.configuration.empty())
        return to_shell(command.arguments);
    std::replace(command.arguments.begin(), command.arguments.end(), command.configuration.string(),
                 std::string("/dev/stdin"));
    return fmt::format("{} <<'END'\n{}END", to_shell(command.arguments),
                       command.configuration_text);
}

Result<Outcome> run(const RunOptions& options, const manifests::Target& target,
                    const Listener& listener) {
    Launch launch = UNIK_TRY(plan(options, target));
    UNIK_TRY(hand_over_files(options));
    if (is_foreign(options, target))
        return run_foreign(options, target, listener, launch);
    for (unsigned tries = 1;; ++tries) {
        Attempt made = UNIK_TRY(attempt(options, listener, launch));
        if (!made.port_taken)
            return made.outcome;
        // Somebody was faster than QEMU to take a port that we picked.
        if (any_port_is_free_to_choose(options) && tries < k_attempts)
            continue;
        made.outcome.detail +=
            "\nthe port is in use or needs privileges; choose another with -p, or 0 for a free one";
        return made.outcome;
    }
}

} // namespace unik::machine
