// Which machines a target can be, put together from its hardware.
#pragma once

#include <string>
#include <vector>

#include <manifests/catalogue.hpp>

namespace unik::manifests {

struct Setup {
    const Hardware* firmware = nullptr;
    const Hardware* machine = nullptr;
    const Hardware* disk = nullptr;
    const Hardware* network = nullptr; // none when the target has no card that unik drives
    std::vector<const Hardware*> others;

    Combination names() const;
};

// What somebody asks for; empty: the first that goes with the rest.
struct Wishes {
    std::string boot{}; // "kernel", "disk" (by BIOS or UEFI), "bios", "uefi"
    std::string machine{};
    std::string disk{};
    std::string network{};
};

// QEMU's arguments for the piece on this machine, or none.
const std::vector<std::string>* arguments_on(const Hardware& machine, const Hardware& piece);

// Every machine that the target can be, by the order of its lists: the first is its own default.
std::vector<Setup> setups(const Catalogue& catalogue, const Target& target);

// Errors: unsupported-boot, unsupported-hardware, each with what there is instead.
Result<Setup> choose(const Catalogue& catalogue, const Target& target, const Wishes& wishes);

} // namespace unik::manifests
