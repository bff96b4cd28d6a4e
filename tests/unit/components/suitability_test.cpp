#include <components/suitability.hpp>

#include <doctest/doctest.h>

namespace {

using namespace unik;

struct Case {
    unikfile::Manifest manifest;
    manifests::Target target;

    Case() {
        target.name = "cloud";
        target.networks = {"virtio-net"};
        target.least_memory = Bytes{64ULL << 20};
        target.most_memory = Bytes{1ULL << 30};
        target.most_cpus = 2;
        manifest.expose = {{80, unikfile::Protocol::tcp}};
    }
    std::vector<Diagnostic> problems() const {
        const auto checked = components::check_suitable(manifest, {&target});
        return checked.ok() ? std::vector<Diagnostic>() : checked.error().diagnostics;
    }
};

} // namespace

TEST_CASE("an application that fits is not refused") {
    CHECK(Case().problems().empty());
}

TEST_CASE("an application that listens is refused where there is no card, with the reason") {
    Case c;
    c.target.networks.clear();
    c.target.not_yet = {"ENA network cards"};
    c.manifest.references = {
        {unikfile::Reference::Kind::target, "cloud:raw", {"Unikfile", 3, 1, 0, {}}}};
    const auto found = c.problems();
    REQUIRE(found.size() == 1);
    CHECK(found[0].id == "target-unsuitable");
    CHECK(found[0].where.line == 3);
    CHECK(found[0].notes == c.target.not_yet);
    c.manifest.expose.clear();
    CHECK(c.problems().empty());
}

TEST_CASE("a root on the disk is refused where there is no disk") {
    Case c;
    const auto check = [&](vocabulary::RootPlace root) {
        return components::check_root(c.manifest, root, {&c.target});
    };
    CHECK(check(vocabulary::RootPlace::embedded).ok());
    const auto refused = check(vocabulary::RootPlace::disk);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().diagnostics.at(0).id == "target-unsuitable");
    CHECK(refused.error().diagnostics.at(0).hint.find("root: embedded") != std::string::npos);
    c.target.disks = {"virtio-blk"};
    CHECK(check(vocabulary::RootPlace::disk).ok());
}

TEST_CASE("memory and CPUs beyond the target's limits are refused, all in one run") {
    Case c;
    c.manifest.resources.memory = Bytes{32ULL << 20};
    c.manifest.resources.cpus = 3;
    CHECK(c.problems().size() == 2);
    c.manifest.resources.memory = Bytes{2ULL << 30};
    c.manifest.resources.cpus = 2;
    REQUIRE(c.problems().size() == 1);
    CHECK(c.problems()[0].hint == "resources: {memory: 1024M}");
    c.target.most_memory.reset();
    CHECK(c.problems().empty());
}
