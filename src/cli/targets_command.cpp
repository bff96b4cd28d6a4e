// unik targets: the hypervisors, what each of them has, and what of that was seen to work.
#include <cli/commands.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cli/catalogue_entries.hpp>
#include <cli/session.hpp>
#include <cli/terminal.hpp>
#include <manifests/setup.hpp>

namespace unik::cli {
namespace {

using json = nlohmann::ordered_json; // as declared here: the name first
using manifests::Catalogue;
using manifests::Combination;
using manifests::Target;

constexpr std::string_view k_qemu = "qemu-system-x86_64";

// QEMU with the target's hardware is not the target itself.
bool is_stood_in_for(const Target& target) {
    return target.program != k_qemu;
}

std::string_view status(const Target& target, const Combination& combination) {
    const bool booted =
        std::find(target.tested.begin(), target.tested.end(), combination) != target.tested.end();
    return booted ? "booted" : "untested";
}

std::string_view proof(const Target& target) {
    return is_stood_in_for(target) ? "untested on hardware" : "booted in the tests";
}

json hardware_json(const Catalogue& catalogue, const std::vector<std::string>& names) {
    json list = json::array();
    for (const std::string& name : names) {
        const manifests::Hardware& piece = catalogue.hardware().at(name);
        list.push_back(
            {{"name", name}, {"summary", piece.summary}, {"components", piece.components}});
    }
    return list;
}

json combinations_json(const Catalogue& catalogue, const Target& target) {
    json list = json::array();
    for (const manifests::Setup& setup : manifests::setups(catalogue, target)) {
        const Combination names = setup.names();
        list.push_back({{"firmware", names.firmware},
                        {"machine", names.machine},
                        {"disk", names.disk},
                        {"network", names.network},
                        {"status", status(target, names)}});
    }
    return list;
}

json to_json(const Catalogue& catalogue, const Target& target) {
    json memory{{"least", target.least_memory.value}};
    if (target.most_memory)
        memory["most"] = target.most_memory->value;
    json out{{"name", target.name},
             {"summary", target.summary},
             {"architecture", target.architecture},
             {"images", target.images},
             {"firmware", hardware_json(catalogue, target.firmware)},
             {"machines", hardware_json(catalogue, target.machines)},
             {"disks", hardware_json(catalogue, target.disks)},
             {"networks", hardware_json(catalogue, target.networks)},
             {"hardware", hardware_json(catalogue, target.hardware)},
             {"memory", memory}};
    if (target.most_cpus)
        out["cpus"] = *target.most_cpus;
    out.update({{"not_yet", target.not_yet},
                {"program", target.program},
                {"packages", target.packages},
                {"combinations", combinations_json(catalogue, target)},
                {"on_hardware", proof(target)}});
    return out;
}

std::string hardware_lines(const Catalogue& catalogue, std::string_view title,
                           const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        out +=
            fmt::format("{:<12} {:<12} {}\n", title, name, catalogue.hardware().at(name).summary);
        title = "";
    }
    return out;
}

std::string limit_lines(const Target& target) {
    std::string out;
    if (target.least_memory.value > 0)
        out += fmt::format("{:<12} at least {}\n", "Memory", to_text(target.least_memory));
    if (target.most_memory)
        out += fmt::format("{:<12} at most {}\n", "Memory", to_text(*target.most_memory));
    if (target.most_cpus)
        out += fmt::format("{:<12} at most {}\n", "CPUs", *target.most_cpus);
    return out;
}

// The combinations that were booted; the rest in a number.
std::string proof_lines(const Catalogue& catalogue, const Target& target) {
    std::string out = is_stood_in_for(target)
                          ? "\nBooted in the tests, by QEMU with this hardware\n"
                          : "\nBooted in the tests\n";
    out += fmt::format("  {:<8} {:<8} {:<12} {}\n", "firmware", "machine", "disk", "network");
    std::size_t untested = 0;
    const auto all = manifests::setups(catalogue, target);
    for (const manifests::Setup& setup : all) {
        const Combination names = setup.names();
        if (status(target, names) == "untested") {
            ++untested;
            continue;
        }
        out += fmt::format("  {:<8} {:<8} {:<12} {}\n", names.firmware, names.machine, names.disk,
                           names.network.empty() ? "none" : names.network);
    }
    if (untested == all.size())
        out += "  none\n";
    if (untested > 0)
        out +=
            fmt::format("{} further combination{}: untested\n", untested, untested == 1 ? "" : "s");
    if (is_stood_in_for(target))
        out += fmt::format("On {} itself: untested on hardware\n", target.summary);
    return out;
}

std::string description(const Catalogue& catalogue, const Target& target) {
    std::string out = fmt::format("{:<12} {}\n{:<12} {}\n{:<12} {}\n", "Target", target.name, "",
                                  target.summary, "Images", fmt::join(target.images, ", "));
    out += hardware_lines(catalogue, "Firmware", target.firmware);
    out += hardware_lines(catalogue, "Machines", target.machines);
    out += hardware_lines(catalogue, "Disks", target.disks);
    out += target.networks.empty() ? fmt::format("{:<12} none that unik drives\n", "Networks")
                                   : hardware_lines(catalogue, "Networks", target.networks);
    out += hardware_lines(catalogue, "Others", target.hardware);
    out += limit_lines(target);
    std::string_view title = "Not yet";
    for (const std::string& line : target.not_yet) {
        out += fmt::format("{:<12} {}\n", title, line);
        title = "";
    }
    return out + proof_lines(catalogue, target);
}

std::string row(std::string_view target, std::string_view images, std::string_view firmware,
                std::string_view proof, std::string_view summary) {
    return fmt::format("{:<16} {:<11} {:<18} {:<20} {}\n", target, images, firmware, proof,
                       summary);
}

std::string table(const Catalogue& catalogue) {
    std::string out = row("TARGET", "IMAGES", "FIRMWARE", "PROOF", "WHAT");
    for (const auto& [name, target] : catalogue.targets())
        out +=
            row(name, fmt::format("{}", fmt::join(target.images, ", ")),
                fmt::format("{}", fmt::join(target.firmware, ", ")), proof(target), target.summary);
    return out;
}

int targets_command(const Invocation& invocation) {
    const auto catalogue = load_catalogue(invocation);
    if (!catalogue.ok())
        return report(catalogue.error());
    const std::string wanted = invocation.value("NAME");
    if (const auto known = check_known(catalogue->targets(), wanted, "target"); !known.ok())
        return report(known.error());
    if (!wanted.empty()) {
        const Target& target = catalogue->targets().at(wanted);
        print(invocation.has("json") ? to_json(catalogue.value(), target).dump(2) + "\n"
                                     : description(catalogue.value(), target));
        return 0;
    }
    json all = json::array();
    for (const auto& [name, target] : catalogue->targets())
        all.push_back(to_json(catalogue.value(), target));
    print(invocation.has("json") ? all.dump(2) + "\n" : table(catalogue.value()));
    return 0;
}

constexpr std::array k_target_positionals{
    Positional{.name = "NAME", .kind = ValueKind::target, .description = "Show this one only."}};
constexpr std::array k_target_examples{
    Example{"unik targets", "the hypervisors, their images and firmware"},
    Example{"unik targets virtualbox", "its hardware, and what of it was booted in the tests"},
};

constexpr std::string_view k_target_section = R"(# WHAT IS PROVED
The tests boot images by QEMU with exactly the hardware of a target: its controllers, its cards, its
firmware, and no virtio where it has none. The combinations that were booted so are listed; all
others are untested. Nobody has seen them on the hypervisor itself, which is why each target but QEMU
says "untested on hardware".)";

} // namespace

constinit const CommandSpecification k_targets_command{
    .name = "targets",
    .summary = "list the hypervisors that unik writes images for",
    .description = "The images that each target takes, the firmware and the devices that it has, "
                   "and what of that was booted in the tests.",
    .options = k_json_only,
    .positionals = k_target_positionals,
    .examples = k_target_examples,
    .sections = k_target_section,
    .action = targets_command};

} // namespace unik::cli
