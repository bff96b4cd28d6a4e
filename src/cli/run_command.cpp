#include <cli/commands.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include <bundle/bundle.hpp>
#include <cli/log.hpp>
#include <cli/pipeline.hpp>
#include <cli/run_options.hpp>
#include <cli/run_reporter.hpp>
#include <cli/session.hpp>
#include <cli/signing.hpp>
#include <cli/terminal.hpp>
#include <cli/verification.hpp>
#include <machine/foreign_command.hpp>
#include <machine/machine.hpp>
#include <support/process.hpp>

namespace unik::cli {
namespace {

namespace fs = std::filesystem;

// The bundle to run: the one given, or that of the project in the folder given, built now.
Result<fs::path> bundle_to_run(const Invocation& invocation,
                               const manifests::Catalogue& catalogue) {
    const fs::path given = invocation.has("BUNDLE") ? invocation.value("BUNDLE") : ".";
    if (fs::exists(given / "image.json"))
        return given;
    if (!fs::exists(given / "Unikfile"))
        return make_error(
            "no-bundle",
            fmt::format("'{}' holds neither image.json nor a Unikfile", given.string()),
            "name a bundle or a project's folder; 'unik init' writes a Unikfile");
    BuildRequest request;
    request.directory = given;
    if (invocation.has("target"))
        request.also.push_back(invocation.value("target"));
    request.signing = UNIK_TRY(signing_request(invocation));
    const auto progress =
        make_progress(invocation.has("quiet") ? "silent" : "auto",
                      invocation.has("verbose") ? ToolOutput::shown : ToolOutput::hidden);
    return UNIK_TRY(build_bundle(request, catalogue, *progress)).bundle;
}

// The one named, else QEMU where the bundle was built for it, else the first that it was built for.
Result<const manifests::Target*> target_to_run(const Invocation& invocation,
                                               const manifests::Catalogue& catalogue,
                                               const bundle::Image& image) {
    constexpr const char* usual = "qemu";
    if (invocation.has("target"))
        return UNIK_TRY(find_image(catalogue, invocation.value("target"))).target;
    const auto targets = image.document.value("targets", nlohmann::json::array());
    const bool is_usual = !targets.is_array() || targets.empty() || !targets[0].is_string() ||
                          std::find(targets.begin(), targets.end(), usual) != targets.end();
    return find_target(catalogue, is_usual ? usual : targets[0].get<std::string>());
}

// The bundle's record: of the verified bundle where a policy asks for that.
Result<bundle::Image> admitted(const Invocation& invocation, const manifests::Catalogue& catalogue,
                               const fs::path& path, machine::RunOptions& options) {
    const auto wanted = [&](const bundle::Image& image, const std::string& name) {
        if (name.starts_with("kernel."))
            return true;
        const auto target = target_to_run(invocation, catalogue, image);
        return target.ok() &&
               std::any_of(image.disks.begin(), image.disks.end(), [&](const auto& disk) {
                   return disk.second == name && disk.first.starts_with((*target)->name + ':');
               });
    };
    auto verified = UNIK_TRY(admit_bundle(invocation, sign::Use::run, path, wanted));
    if (!verified)
        return bundle::open(path);
    options.verified = std::make_shared<const bundle::Verified>(std::move(*verified));
    return options.verified->image;
}

struct Prepared {
    machine::RunOptions options;
    const manifests::Target* target = nullptr;
};

// QEMU forwards ports of its own accord; the others have a tap device or no network.
Result<void> suit_hypervisor(Prepared& prepared, const Invocation& invocation) {
    machine::RunOptions& options = prepared.options;
    if (machine::is_foreign(options, *prepared.target)) {
        if (!invocation.has("publish"))
            options.ports.clear();
        if (options.tap.empty() && !invocation.has("quiet") && !invocation.has("print-command"))
            print_error(fmt::format("{} runs it without network: name a tap device with --tap\n",
                                    prepared.target->summary));
        return {};
    }
    if (!options.tap.empty())
        return make_error("unsupported-option",
                          fmt::format("--tap is for Firecracker and Cloud Hypervisor; the target "
                                      "'{}' runs in QEMU",
                                      prepared.target->name),
                          "forward ports with -p", ExitCode::usage);
    if (options.setup.network == nullptr && !options.ports.empty())
        return make_error("unsupported-hardware",
                          fmt::format("ports cannot be forwarded: the target '{}' has no network "
                                      "card that unik drives",
                                      prepared.target->name),
                          "run it as another target, or without -p", ExitCode::usage);
    return {};
}

Result<Prepared> prepare(const Invocation& invocation, const manifests::Catalogue& catalogue) {
    Prepared prepared;
    prepared.options = UNIK_TRY(run_options(invocation));
    if (invocation.has("target")) // before anything is built
        UNIK_TRY(find_image(catalogue, invocation.value("target")));
    const fs::path path = UNIK_TRY(bundle_to_run(invocation, catalogue));
    const bundle::Image image = UNIK_TRY(admitted(invocation, catalogue, path, prepared.options));
    prepared.target = UNIK_TRY(target_to_run(invocation, catalogue, image));
    prepared.options.setup =
        UNIK_TRY(manifests::choose(catalogue, *prepared.target, wishes(invocation)));
    fill_in(prepared.options, invocation, image);
    UNIK_TRY(suit_hypervisor(prepared, invocation));
    prepared.options.bundle = fs::absolute(path);
    return prepared;
}

int print_command(const Prepared& prepared) {
    machine::RunOptions options = prepared.options;
    options.verified = nullptr; // descriptors are ours alone: show the files' names
    const auto command = machine::shell_command(options, *prepared.target);
    if (!command.ok())
        return report(command.error());
    print(command.value() + "\n");
    return 0;
}

int run_command(const Invocation& invocation) {
    const auto catalogue = load_catalogue(invocation);
    if (!catalogue.ok())
        return report(catalogue.error());
    const auto prepared = prepare(invocation, catalogue.value());
    if (!prepared.ok())
        return report(prepared.error());
    if (invocation.has("print-command"))
        return print_command(prepared.value());
    if (prepared->options.cpus > 1 && !invocation.has("quiet"))
        print_error(fmt::format("{}: the library OS runs the program on one CPU; the others of {} "
                                "stay idle [one-cpu]\n",
                                tinted(Tint::yellow, "warning"), prepared->options.cpus));
    if (log().should_log(spdlog::level::info))
        if (const auto command = machine::command_line(prepared->options, *prepared->target);
            command.ok())
            log().info("hypervisor: {}", to_shell(command.value()));
    RunReporter reporter(prepared->options,
                         invocation.has("quiet") ? Verbosity::quiet : Verbosity::normal);
    const auto outcome = machine::run(prepared->options, *prepared->target, reporter.listener());
    if (!outcome.ok())
        return report(outcome.error());
    return reporter.conclude(outcome.value());
}

constexpr std::array k_run_options{
    Option{.name = "publish",
           .letter = 'p',
           .kind = ValueKind::text,
           .value_name = "HOST:GUEST[/udp]",
           .description = "Forward a port of this host to the guest. Host port 0 picks a free one. "
                          "Without this option the ports under `expose` are forwarded from free "
                          "host ports.",
           .repeat = Repeat::many},
    Option{.name = "env",
           .letter = 'e',
           .kind = ValueKind::text,
           .value_name = "NAME=VALUE",
           .description = "Set a variable in the guest; NAME alone takes the host's value.",
           .repeat = Repeat::many},
    Option{.name = "env-file",
           .kind = ValueKind::file,
           .value_name = "FILE",
           .description = "Set the variables of a file, one NAME=VALUE a line.",
           .repeat = Repeat::many},
    Option{.name = "memory",
           .letter = 'm',
           .kind = ValueKind::text,
           .value_name = "SIZE",
           .description = "Memory of the machine, such as 64M, instead of the image's own."},
    Option{.name = "cpus",
           .kind = ValueKind::text,
           .value_name = "N",
           .description = "CPUs of the machine. The library OS runs the program on one of them."},
    Option{.name = "accel",
           .kind = ValueKind::choice,
           .value_name = "HOW",
           .description = "Hardware virtualisation: kvm, software emulation: tcg, or auto: kvm "
                          "where /dev/kvm opens and the CPU has vmx or svm.",
           .choices = "auto|kvm|tcg",
           .fallback = "auto"},
    Option{.name = "timeout",
           .kind = ValueKind::text,
           .value_name = "SECONDS",
           .description = "Stop the guest after this time and exit with 124."},
    Option{.name = "boot",
           .kind = ValueKind::choice,
           .value_name = "WAY",
           .description = "Boot the kernel directly, or the disk, by BIOS or UEFI as the target "
                          "prefers or as named. Default: the target's first.",
           .choices = "kernel|disk|bios|uefi"},
    Option{.name = "target",
           .letter = 't',
           .kind = ValueKind::target,
           .value_name = "TARGET",
           .description = "The target whose image to boot, with its hardware. Default: qemu, or "
                          "the first that the bundle was built for."},
    Option{.name = "machine",
           .kind = ValueKind::text,
           .value_name = "MACHINE",
           .description = "One of the target's machines, such as q35, in QEMU. Default: the first "
                          "that boots that way."},
    Option{.name = "disk-controller",
           .kind = ValueKind::text,
           .value_name = "NAME",
           .description = "One of the target's disk controllers, such as ahci. Default: its "
                          "first."},
    Option{.name = "network-card",
           .kind = ValueKind::text,
           .value_name = "NAME",
           .description = "One of the target's network cards, such as e1000. Default: its first."},
    Option{.name = "qemu-arg",
           .kind = ValueKind::text,
           .value_name = "ARG",
           .description = "A further argument for QEMU, as it is.",
           .repeat = Repeat::many},
    Option{.name = "tap",
           .kind = ValueKind::text,
           .value_name = "DEVICE",
           .description = "A tap device of this host as the guest's network, for Firecracker and "
                          "Cloud Hypervisor, which forward no ports."},
    k_policy,
    Option{.name = "print-command",
           .description = "Print the hypervisor's command line instead of running it. Nothing "
                          "needs to be installed for that."},
    Option{.name = "verbose",
           .letter = 'v',
           .description =
               "Show the tools that run and the control channel's events (also: $UNIK_LOG)."},
    Option{.name = "quiet", .letter = 'q', .description = "None of unik's own lines but errors."},
};
constexpr std::array k_run_positionals{
    Positional{.name = "BUNDLE",
               .kind = ValueKind::bundle,
               .description = "A bundle, or a project's folder, which is built first. Default: the "
                              "current folder."},
    Positional{.name = "ARGS",
               .kind = ValueKind::text,
               .description = "After --: arguments for the program, instead of the image's own.",
               .repeat = Repeat::many},
};
constexpr std::array k_run_examples{
    Example{"unik run -p 8080:80", "build and run this folder, its port 80 at localhost:8080"},
    Example{"unik run web.unik -- --verbose", "run a bundle with another argument"},
    Example{"unik run --boot disk web.unik", "boot the disk image as a hypervisor would"},
    Example{"unik run -t virtualbox --boot uefi", "with the hardware that VirtualBox has"},
};

constexpr std::string_view k_run_section = R"(# OUTPUT
The program's standard output goes to stdout and its standard error to stderr; unik's own lines go
to stderr. When the program listens on a forwarded port, unik says so with the time since the start:
"ready in 43 ms: http://localhost:8080".

# HARDWARE
The machine has exactly the hardware that the target's manifest names ("unik targets NAME" shows it),
as QEMU has it, and three serial ports and fw_cfg besides: these are how unik talks with the guest,
whatever the hypervisor itself offers. What the guest writes to its disk is thrown away. UEFI needs
Debian's package ovmf.

The targets firecracker and cloud-hypervisor run in the programs of these names, which need KVM.
With --machine QEMU stands in for them. They have one serial port, so the program's output and its errors both come to stdout, and a request
to stop ends the machine at once.

# STOPPING
Ctrl-C or SIGTERM sends the program SIGTERM and gives it five seconds; a second Ctrl-C ends the
machine at once. No QEMU process and no temporary file is left behind.

# EXIT STATUS
The program's own code. A program ended by signal N gives 128+N, out of memory 137, a time-out 124,
a kernel panic or a hypervisor that fails 1.)";

} // namespace

constinit const CommandSpecification k_run_command{
    .name = "run",
    .summary = "boot a bundle under QEMU",
    .description = "Boots the image on this machine, forwards its ports, shows its output and "
                   "exits with its exit code. A folder with a Unikfile is built first.",
    .options = k_run_options,
    .positionals = k_run_positionals,
    .examples = k_run_examples,
    .sections = k_run_section,
    .action = run_command};

} // namespace unik::cli
