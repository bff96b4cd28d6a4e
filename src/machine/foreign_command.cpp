// Firecracker reads a configuration file (docs/getting-started.md, "--config-file" there); Cloud
// Hypervisor takes arguments. Both hand the kernel its command line, whose words unik.KEY=VALUE are
// our configuration (vocabulary/boot_configuration.hpp).
#include <machine/foreign_command.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace unik::machine {
namespace {

using nlohmann::json;

constexpr std::uint64_t k_mebibyte = 1 << 20;

std::uint64_t mebibytes(Bytes memory) {
    return (memory.value + k_mebibyte - 1) / k_mebibyte;
}

Error unsupported(std::string message, std::string hint) {
    return make_error("unsupported-option", std::move(message), std::move(hint), ExitCode::usage);
}

// Quotes keep spaces within a word; there is no way to write a quote.
Result<void> add_word(std::string& line, std::string_view key, std::string_view value) {
    if (std::any_of(value.begin(), value.end(),
                    [](char c) { return c == '"' || static_cast<unsigned char>(c) < ' '; }))
        return unsupported("an argument or variable holds a quote or a control character, which a "
                           "kernel's command line cannot carry",
                           "run it on the target 'qemu'");
    line += fmt::format(" unik.{}=\"{}\"", key, value);
    return {};
}

Result<std::string> command_line_of(const RunOptions& options) {
    std::string line = "unik.console=inline";
    if (options.arguments)
        for (const std::string& argument : *options.arguments)
            UNIK_TRY(add_word(line, "arg", argument));
    for (const auto& [name, value] : options.environment)
        UNIK_TRY(add_word(line, "env", fmt::format("{}={}", name, value)));
    return line;
}

Result<ForeignCommand> firecracker(const RunOptions& options, const Launch& launch) {
    json network = json::array();
    if (!options.tap.empty())
        network.push_back({{"iface_id", "net0"}, {"host_dev_name", options.tap}});
    const json configuration{
        {"boot-source",
         {{"kernel_image_path", launch.kernel.string()},
          {"boot_args", UNIK_TRY(command_line_of(options))}}},
        {"drives", json::array({{{"drive_id", "disk0"},
                                 {"path_on_host", launch.disk.string()},
                                 {"is_root_device", false},
                                 {"is_read_only", true}}})},
        {"machine-config",
         {{"vcpu_count", options.cpus}, {"mem_size_mib", mebibytes(options.memory)}}},
        {"network-interfaces", network},
        {"logger", {{"log_path", "/dev/stderr"}, {"level", "Error"}}}};
    ForeignCommand command;
    command.configuration = launch.folder / "firecracker.json";
    command.configuration_text = configuration.dump(2) + "\n";
    command.arguments = {launch.program, "--no-api", "--config-file",
                         command.configuration.string()};
    return command;
}

Result<ForeignCommand> cloud_hypervisor(const RunOptions& options, const Launch& launch) {
    if (!options.environment.empty())
        return unsupported("Cloud Hypervisor takes the guest's variables as an argument, which "
                           "every user of this host can read",
                           "write them into the Unikfile, or run it on another target");
    ForeignCommand command;
    command.arguments = {launch.program,
                         "--kernel",
                         launch.kernel.string(),
                         "--disk",
                         fmt::format("path={},readonly=on", launch.disk.string()),
                         "--cpus",
                         fmt::format("boot={}", options.cpus),
                         "--memory",
                         fmt::format("size={}M", mebibytes(options.memory)),
                         "--serial",
                         "tty",
                         "--console",
                         "off",
                         "--cmdline",
                         UNIK_TRY(command_line_of(options))};
    if (!options.tap.empty())
        command.arguments.insert(command.arguments.end(), {"--net", "tap=" + options.tap});
    return command;
}

struct Known {
    std::string_view program;
    Result<ForeignCommand> (*command)(const RunOptions& options, const Launch& launch);
};
constexpr std::array<Known, 2> k_hypervisors{{
    {"firecracker", &firecracker},
    {"cloud-hypervisor", &cloud_hypervisor},
}};

const Known* find(const manifests::Target& target) {
    const auto* found =
        std::find_if(k_hypervisors.begin(), k_hypervisors.end(),
                     [&](const Known& known) { return known.program == target.program; });
    return found == k_hypervisors.end() ? nullptr : found;
}

} // namespace

bool is_foreign(const RunOptions& options, const manifests::Target& target) {
    return options.hypervisor == Hypervisor::own && find(target) != nullptr;
}

Result<ForeignCommand> foreign_command(const RunOptions& options, const manifests::Target& target,
                                       const Launch& launch) {
    if (!options.qemu_arguments.empty())
        return unsupported(fmt::format("--qemu-arg is for QEMU, not for {}", target.program), {});
    if (!options.ports.empty())
        return unsupported(fmt::format("{} forwards no ports: its network is a tap device of this "
                                       "host",
                                       target.program),
                           "name one with --tap, and reach the guest through it");
    return find(target)->command(options, launch);
}

} // namespace unik::machine
