#include <machine/qemu_command.hpp>

#include <array>

#include <fmt/format.h>

namespace unik::machine {
namespace {

// In QEMU's option lists a comma of a value is written twice.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text)
        out.append(c == ',' ? 2 : 1, c);
    return out;
}

void replace_all(std::string& text, std::string_view name, const std::string& value) {
    for (std::size_t at = text.find(name); at != std::string::npos;
         at = text.find(name, at + value.size()))
        text.replace(at, name.size(), value);
}

// An argument that is a variable and nothing else is a file name of its own; within an option list
// its commas are escaped.
std::string filled_in(const std::string& argument, const Launch& launch) {
    auto variables = launch.files;
    variables["KERNEL"] = launch.kernel.string();
    std::string out = argument;
    for (const auto& [name, value] : variables) {
        const std::string written = fmt::format("${{{}}}", name);
        if (argument == written)
            return value;
        replace_all(out, written, escaped(value));
    }
    return out;
}

struct SerialPort {
    Port port;
    const char* name;
};
constexpr std::array<SerialPort, k_port_count> k_serial_ports{{
    {Port::output, "output"},
    {Port::control, "control"},
    {Port::error, "error"},
}};

void add_serial_ports(std::vector<std::string>& command, const Launch& launch) {
    for (const SerialPort& serial : k_serial_ports) {
        command.emplace_back("-chardev");
        command.push_back(fmt::format("socket,id={},path={}", serial.name,
                                      escaped(socket_path(launch.folder, serial.port).string())));
        command.emplace_back("-device");
        command.push_back(fmt::format("isa-serial,index={},chardev={}",
                                      static_cast<unsigned>(serial.port), serial.name));
    }
}

std::string network_back_end(const std::vector<PortForward>& ports) {
    std::string out = "user,id=net0";
    for (const PortForward& port : ports)
        out += fmt::format(",hostfwd={}:127.0.0.1:{}-:{}",
                           port.protocol == unikfile::Protocol::udp ? "udp" : "tcp", port.host,
                           port.guest);
    return out;
}

void add_common(std::vector<std::string>& command, const RunOptions& options,
                const Launch& launch) {
    const bool kvm = launch.accelerator == Accelerator::kvm;
    const std::string memory = fmt::format("{}K", (options.memory.value + 1023) / 1024);
    const std::string configuration = configuration_path(launch.folder).string();
    const std::initializer_list<std::string> common{
        "-nodefaults",
        "-no-user-config",
        "-display",
        "none",
        "-no-reboot",
        "-accel",
        kvm ? "kvm" : "tcg",
        "-cpu",
        kvm ? "host" : "max",
        "-m",
        memory,
        "-smp",
        std::to_string(options.cpus),
        "-fw_cfg",
        fmt::format("name=opt/org.unik/configuration,file={}", escaped(configuration))};
    command.insert(command.end(), common);
    if (options.setup.network != nullptr)
        command.insert(command.end(), {"-netdev", network_back_end(launch.ports)});
}

// What the guest writes goes to a file that QEMU throws away: the image stays as it was built.
void add_drive(std::vector<std::string>& command, const Launch& launch) {
    command.emplace_back("-drive");
    command.push_back(fmt::format("file={},format={},if=none,id=disk0,snapshot=on",
                                  escaped(launch.disk.string()), launch.disk_format));
}

void add_piece(std::vector<std::string>& command, const manifests::Hardware& machine,
               const manifests::Hardware& piece, const Launch& launch) {
    const auto* arguments = manifests::arguments_on(machine, piece);
    if (arguments == nullptr)
        return;
    for (const std::string& argument : *arguments)
        command.push_back(filled_in(argument, launch));
}

} // namespace

std::filesystem::path socket_path(const std::filesystem::path& folder, Port port) {
    return folder / k_serial_ports.at(static_cast<std::size_t>(port)).name;
}

std::filesystem::path configuration_path(const std::filesystem::path& folder) {
    return folder / "configuration";
}

std::vector<std::string> qemu_command(const RunOptions& options, const Launch& launch) {
    const manifests::Setup& setup = options.setup;
    std::vector<std::string> command{launch.program};
    add_common(command, options, launch);
    add_serial_ports(command, launch);
    if (!launch.disk.empty())
        add_drive(command, launch);
    std::vector<const manifests::Hardware*> pieces{setup.machine, setup.firmware};
    if (!launch.disk.empty())
        pieces.push_back(setup.disk);
    if (setup.network != nullptr)
        pieces.push_back(setup.network);
    pieces.insert(pieces.end(), setup.others.begin(), setup.others.end());
    for (const manifests::Hardware* piece : pieces)
        add_piece(command, *setup.machine, *piece, launch);
    command.insert(command.end(), options.qemu_arguments.begin(), options.qemu_arguments.end());
    return command;
}

} // namespace unik::machine
