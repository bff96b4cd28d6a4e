#include <manifests/setup.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <support/text.hpp>
#include <support/utf8.hpp>

namespace unik::manifests {
namespace {

constexpr std::string_view k_direct = "direct";

std::vector<const Hardware*> pieces(const Catalogue& catalogue,
                                    const std::vector<std::string>& names) {
    std::vector<const Hardware*> found;
    for (const std::string& name : names)
        found.push_back(&catalogue.hardware().at(name));
    return found;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// "kernel" is the word for people of firmware "direct"; "disk" is any other.
bool boots_by(const std::string& firmware, const std::string& wish) {
    if (wish == "kernel")
        return firmware == k_direct;
    return wish == "disk" ? firmware != k_direct : firmware == wish;
}

std::vector<std::string> ways(const Target& target) {
    std::vector<std::string> names;
    for (const std::string& firmware : target.firmware)
        names.push_back(firmware == k_direct ? "kernel" : firmware);
    return names;
}

struct Question {
    std::string_view what;
    const std::string& wish;
    const std::vector<std::string>& offered;
};

Result<void> check_offered(const Target& target, const Question& question) {
    if (question.wish.empty() || contains(question.offered, question.wish))
        return {};
    const std::string meant = did_you_mean(question.wish, question.offered);
    return make_error("unsupported-hardware",
                      fmt::format("the target '{}' has no {} {}{}", target.name, question.what,
                                  in_quotes(question.wish),
                                  question.offered.empty() ? std::string()
                                                           : ", only " + listing(question.offered)),
                      meant, ExitCode::usage);
}

bool matches(const Setup& setup, const Wishes& wishes) {
    const Combination names = setup.names();
    return (wishes.boot.empty() || boots_by(names.firmware, wishes.boot)) &&
           (wishes.machine.empty() || names.machine == wishes.machine) &&
           (wishes.disk.empty() || names.disk == wishes.disk) &&
           (wishes.network.empty() || names.network == wishes.network);
}

// QEMU has the piece on the machine; no piece fits everywhere.
bool fits(const Hardware* machine, const Hardware* piece) {
    return piece == nullptr || arguments_on(*machine, *piece) != nullptr;
}

// What the firmware has no driver for it cannot start from.
bool starts_from(const Hardware& disk, const Hardware& firmware) {
    return disk.firmware.empty() || contains(disk.firmware, firmware.name);
}

} // namespace

Combination Setup::names() const {
    return {firmware->name, machine->name, disk->name, network == nullptr ? "" : network->name};
}

const std::vector<std::string>* arguments_on(const Hardware& machine, const Hardware& piece) {
    for (const std::string& key : {machine.name, machine.bus, std::string("any")})
        if (const auto found = piece.qemu.find(key); found != piece.qemu.end())
            return &found->second;
    return nullptr;
}

std::vector<Setup> setups(const Catalogue& catalogue, const Target& target) {
    auto networks = pieces(catalogue, target.networks);
    if (networks.empty())
        networks.push_back(nullptr);
    const auto disks = pieces(catalogue, target.disks);
    std::vector<Setup> all;
    for (const Hardware* firmware : pieces(catalogue, target.firmware))
        for (const Hardware* machine : pieces(catalogue, target.machines)) {
            if (!contains(machine->firmware, firmware->name))
                continue;
            std::vector<const Hardware*> others = pieces(catalogue, target.hardware);
            std::erase_if(others, [&](const Hardware* piece) {
                return arguments_on(*machine, *piece) == nullptr;
            });
            for (const Hardware* disk : disks)
                for (const Hardware* network : networks)
                    if (starts_from(*disk, *firmware) && fits(machine, disk) &&
                        fits(machine, network))
                        all.push_back({firmware, machine, disk, network, others});
        }
    return all;
}

Result<Setup> choose(const Catalogue& catalogue, const Target& target, const Wishes& wishes) {
    if (!wishes.boot.empty() &&
        std::none_of(target.firmware.begin(), target.firmware.end(),
                     [&](const std::string& name) { return boots_by(name, wishes.boot); }))
        return make_error("unsupported-boot",
                          fmt::format("the target '{}' does not boot by '{}', only by {}",
                                      target.name, wishes.boot, listing(ways(target))),
                          fmt::format("'unik targets {}' shows what it has", target.name),
                          ExitCode::usage);
    for (const Question& question : {Question{"machine", wishes.machine, target.machines},
                                     Question{"disk controller", wishes.disk, target.disks},
                                     Question{"network card", wishes.network, target.networks}})
        UNIK_TRY(check_offered(target, question));
    const auto all = setups(catalogue, target);
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const Setup& setup) { return matches(setup, wishes); });
    if (found != all.end())
        return *found;
    return make_error(
        "unsupported-hardware",
        fmt::format("the target '{}' has no machine with all that was asked for", target.name),
        fmt::format("'unik targets {}' shows what goes together", target.name), ExitCode::usage);
}

} // namespace unik::manifests
