// Machines put together from a target's hardware.
#include <manifests/setup.hpp>

#include <doctest/doctest.h>

#include <support/file.hpp>

namespace {

using namespace unik;
using manifests::Combination;
using manifests::Wishes;

constexpr std::string_view k_target =
    "name: house\nsummary: a house's own\narchitecture: x86_64\nimages: [raw]\n"
    "firmware: [bios, direct]\nmachines: [q35, microvm, pc]\ndisks: [ide, ahci, virtio-blk]\n"
    "networks: [e1000, virtio-net]\nhardware: [virtio-mmio, virtio-rng]\n";

struct House {
    TemporaryDirectory folder = std::move(TemporaryDirectory::create("unik-test-")).value();
    manifests::Catalogue catalogue;

    explicit House(std::string_view text = k_target) {
        std::filesystem::create_directories(folder.path() / "targets");
        REQUIRE(write_file(folder.path() / "targets/house.yaml", text).ok());
        auto loaded = manifests::Catalogue::load(folder.path());
        REQUIRE(loaded.ok());
        catalogue = std::move(loaded).value();
    }
    Result<manifests::Setup> choose(const Wishes& wishes) const {
        return manifests::choose(catalogue, catalogue.targets().at("house"), wishes);
    }
    Combination chosen(const Wishes& wishes) const {
        const auto setup = choose(wishes);
        REQUIRE(setup.ok());
        return setup->names();
    }
    std::string refused(const Wishes& wishes) const {
        const auto setup = choose(wishes);
        REQUIRE_FALSE(setup.ok());
        CHECK(setup.error().exit_code == ExitCode::usage);
        return setup.error().diagnostics[0].id;
    }
};

} // namespace

TEST_CASE("without a wish the first of each list that goes together is taken") {
    const House house;
    CHECK(house.chosen({}) == Combination{"bios", "q35", "ahci", "e1000"});
}

TEST_CASE("a wish narrows what goes together") {
    const House house;
    CHECK(house.chosen({.boot = "kernel"}) == Combination{"direct", "q35", "ahci", "e1000"});
    CHECK(house.chosen({.boot = "disk"}).firmware == "bios");
    CHECK(house.chosen({.disk = "ide"}) == Combination{"bios", "pc", "ide", "e1000"});
    CHECK(house.chosen({.machine = "microvm"}) ==
          Combination{"direct", "microvm", "virtio-blk", "virtio-net"});
    CHECK(house.chosen({.network = "virtio-net"}).network == "virtio-net");
}

TEST_CASE("other devices are there where the machine has their bus") {
    const House house;
    const auto microvm = house.choose({.machine = "microvm"});
    REQUIRE(microvm.ok());
    CHECK(microvm->others.size() == 2);
    const auto q35 = house.choose({.machine = "q35"});
    REQUIRE(q35.ok());
    REQUIRE(q35->others.size() == 1);
    CHECK(q35->others[0]->name == "virtio-rng");
}

TEST_CASE("what the target does not have, or not together, is refused") {
    const House house;
    CHECK(house.refused({.boot = "uefi"}) == "unsupported-boot");
    CHECK(house.refused({.disk = "nvme"}) == "unsupported-hardware");
    CHECK(house.refused({.boot = "bios", .machine = "microvm"}) == "unsupported-hardware");
    const auto misspelt = house.choose({.disk = "achi"});
    REQUIRE_FALSE(misspelt.ok());
    CHECK(misspelt.error().diagnostics[0].hint == "did you mean 'ahci'?");
}

TEST_CASE("a target without a card gives machines without one") {
    std::string text(k_target);
    text.replace(text.find("[e1000, virtio-net]"), 19, "[]");
    const House house(text);
    CHECK(house.chosen({}).network.empty());
    CHECK(house.refused({.network = "e1000"}) == "unsupported-hardware");
}
