#include <doctest/doctest.h>

#include <algorithm>

#include <components/selection.hpp>

using namespace unik;
using components::Component;
using components::Layer;

namespace {

struct World {
    std::map<std::string, Component> all;
    analysis::Needs needs;
    unikfile::Manifest manifest;
    manifests::Language language;
    manifests::Target target;

    World() {
        target.name = "qemu";
        target.needed = {"boot-pvh"};
        target.drivers = {"virtio-net"};
        language.name = "c";
        add("base", Layer::platform, {});
        add("boot-pvh", Layer::platform, {"base"});
        add("kernel", Layer::kernel, {"base"});
        add("files", Layer::services, {"kernel"});
        add("linux-process", Layer::extras, {"kernel", "files"});
        add("fused-program", Layer::extras, {"linux-process"});
        add("elf-loader", Layer::extras, {"linux-process"});
        add("jit", Layer::extras, {"kernel"});
        add("stack", Layer::services, {"kernel"}).wants = {"netdev"};
        add("virtio-net", Layer::drivers, {"kernel"}).provides = {"netdev"};
        add("e1000", Layer::drivers, {"kernel"}).provides = {"netdev"};
        add("linux-files", Layer::abi, {"files"}).syscalls = {{"read", "os::linux::read"},
                                                              {"write", "os::linux::write"}};
        add("linux-sockets", Layer::abi, {"stack", "files"}).syscalls = {
            {"socket", "os::linux::socket"}};
    }

    Component& add(const std::string& name, Layer layer, std::vector<std::string> dependencies) {
        Component& component = all[name];
        component.name = name;
        component.layer = layer;
        component.dependencies = std::move(dependencies);
        return component;
    }

    void call(const std::string& name, bool from_profile = false) {
        needs.syscalls.push_back({static_cast<std::uint32_t>(analysis::syscall_number(name)), name,
                                  from_profile ? "language profile 'c'" : "in function 'main'",
                                  from_profile});
    }

    // What it selects points into this world.
    Result<components::Selection>
    select(vocabulary::RootPlace root = vocabulary::RootPlace::none) const& {
        return components::select(all, needs, manifest, {&target}, language, root);
    }
    Result<components::Selection>
    select(vocabulary::RootPlace root = vocabulary::RootPlace::none) const&& = delete;
};

std::vector<std::string> names(const components::Selection& selection) {
    std::vector<std::string> out;
    for (const auto& selected : selection.components)
        out.push_back(selected.component->name);
    return out;
}

bool has(const components::Selection& selection, const std::string& name) {
    const auto all = names(selection);
    return std::find(all.begin(), all.end(), name) != all.end();
}

std::vector<std::string> reasons(const components::Selection& selection, const std::string& name) {
    for (const auto& selected : selection.components)
        if (selected.component->name == name)
            return selected.reasons;
    return {};
}

} // namespace

TEST_CASE("a program without needs gets the roots and what they require, in start order") {
    const World world;
    const auto selection = world.select();
    REQUIRE(selection.ok());
    CHECK(names(selection.value()) == std::vector<std::string>{"base", "boot-pvh", "kernel",
                                                               "files", "linux-process",
                                                               "fused-program"});
    CHECK(reasons(selection.value(), "boot-pvh") == std::vector<std::string>{"target 'qemu'"});
    CHECK(reasons(selection.value(), "kernel") ==
          std::vector<std::string>{"every image", "required by 'linux-process'",
                                   "required by 'files'"});
}

TEST_CASE("a system call brings its provider, and only that call is linked") {
    World world;
    world.call("read");
    world.call("sysinfo");
    const auto selection = world.select();
    REQUIRE(selection.ok());
    CHECK(reasons(selection.value(), "linux-files") ==
          std::vector<std::string>{"system call 'read' (in function 'main')"});
    CHECK(selection.value().syscalls ==
          std::map<std::string, std::string>{{"read", "linux-files"}});
    CHECK(selection.value().unlinked_syscalls == std::vector<std::string>{"sysinfo"});
    CHECK(selection.value().providers.at("write") == "linux-files");
    CHECK_FALSE(has(selection.value(), "virtio-net"));
}

TEST_CASE("a system call in code that never runs brings nothing in and is not missed") {
    World world;
    world.call("read");
    world.needs.syscalls.back().never_made = true;
    const auto selection = world.select();
    REQUIRE(selection.ok());
    CHECK_FALSE(has(selection.value(), "linux-files"));
    CHECK(selection.value().syscalls.empty());
    CHECK(selection.value().unlinked_syscalls.empty());
}

TEST_CASE("a wanted device is driven where the target has it") {
    World world;
    world.call("socket");
    const auto selection = world.select();
    REQUIRE(selection.ok());
    CHECK(reasons(selection.value(), "virtio-net") ==
          std::vector<std::string>{"netdev for 'stack' on target 'qemu'"});
    CHECK_FALSE(has(selection.value(), "e1000"));
}

TEST_CASE("a wanted name that is no device is provided on every target") {
    World world;
    world.add("clock-page", Layer::abi, {"kernel"}).provides = {"vdso"};
    world.all["linux-files"].wants = {"vdso"};
    world.call("read");
    const auto selection = world.select();
    REQUIRE(selection.ok());
    CHECK(reasons(selection.value(), "clock-page") ==
          std::vector<std::string>{"vdso for 'linux-files'"});
}

TEST_CASE("components that are named are linked with all their system calls") {
    World world;
    world.manifest.components_added = {"linux-files"};
    world.language.components = {"linux-sockets"};
    const auto selection = world.select();
    REQUIRE(selection.ok());
    CHECK(selection.value().syscalls.size() == 3);
    CHECK(reasons(selection.value(), "linux-files") ==
          std::vector<std::string>{"added in the Unikfile"});
    CHECK(reasons(selection.value(), "linux-sockets") == std::vector<std::string>{"language 'c'"});
}

TEST_CASE("a removal that breaks a need names the chain, root first") {
    World world;
    world.call("socket");
    world.manifest.components_removed = {"stack"};
    const auto selection = world.select();
    REQUIRE_FALSE(selection.ok());
    const Diagnostic& diagnostic = selection.error().diagnostics.at(0);
    CHECK(diagnostic.id == "removal-breaks");
    CHECK(diagnostic.notes ==
          std::vector<std::string>{"the program calls 'socket' (in function 'main')",
                                   "'linux-sockets' provides 'socket'",
                                   "'linux-sockets' requires 'stack'"});
}

TEST_CASE("the last provider of a wanted device cannot be removed, another one can") {
    World world;
    world.call("socket");
    world.manifest.components_removed = {"virtio-net"};
    const auto refused = world.select();
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().diagnostics.at(0).notes.back() == "only 'virtio-net' provides 'netdev'");
    world.target.drivers.push_back("e1000");
    const auto selection = world.select();
    REQUIRE(selection.ok());
    CHECK(has(selection.value(), "e1000"));
    CHECK_FALSE(has(selection.value(), "virtio-net"));
}

TEST_CASE("what only the language asks for can be removed") {
    World world;
    world.call("socket", true);
    world.language.components = {"linux-files"};
    world.manifest.components_removed = {"linux-files", "linux-sockets"};
    const auto selection = world.select();
    REQUIRE(selection.ok());
    CHECK_FALSE(has(selection.value(), "linux-files"));
    CHECK(selection.value().unlinked_syscalls == std::vector<std::string>{"socket"});
}

TEST_CASE("an exception that the Unikfile allows is a component, firmly") {
    World world;
    CHECK_FALSE(has(world.select().value(), "jit"));
    world.manifest.allow = {"jit"};
    const auto selection = world.select();
    REQUIRE(selection.ok());
    CHECK(reasons(selection.value(), "jit") ==
          std::vector<std::string>{"'security: allow' in the Unikfile"});
    world.manifest.components_removed = {"jit"};
    CHECK_FALSE(world.select().ok());
}

TEST_CASE("an exception that only the language allows can be removed") {
    World world;
    world.language.allow = {"jit"};
    const auto selection = world.select();
    REQUIRE(selection.ok());
    CHECK(reasons(selection.value(), "jit") == std::vector<std::string>{"language 'c' allows it"});
    world.manifest.components_removed = {"jit"};
    const auto without = world.select();
    REQUIRE(without.ok());
    CHECK_FALSE(has(without.value(), "jit"));
}

TEST_CASE(
    "of what mounts the root, only what fits its place is linked, and a disk brings drivers") {
    World world;
    world.all.at("files").wants = {"root-filesystem"};
    for (const char* name : {"root-memory", "root-embedded", "root-disk"})
        world.add(name, Layer::services, {"kernel"}).provides = {"root-filesystem"};
    world.all.at("root-disk").wants = {"blockdev"};
    world.add("virtio-blk", Layer::drivers, {"kernel"}).provides = {"blockdev"};
    world.add("nvme", Layer::drivers, {"kernel"}).provides = {"blockdev"};
    world.target.drivers.push_back("virtio-blk");
    using vocabulary::RootPlace;
    const auto none = world.select();
    REQUIRE(none.ok());
    CHECK(has(none.value(), "root-memory"));
    CHECK_FALSE(has(none.value(), "root-embedded"));
    CHECK_FALSE(has(none.value(), "virtio-blk"));
    const auto embedded = world.select(RootPlace::embedded);
    REQUIRE(embedded.ok());
    CHECK(has(embedded.value(), "root-embedded"));
    CHECK_FALSE(has(embedded.value(), "root-memory"));
    const auto disk = world.select(RootPlace::disk);
    REQUIRE(disk.ok());
    CHECK(has(disk.value(), "virtio-blk"));
    CHECK_FALSE(has(disk.value(), "nvme"));
    CHECK(reasons(disk.value(), "root-disk") ==
          std::vector<std::string>{"root-filesystem for 'files': the root lies on the disk"});
}

TEST_CASE("unknown components are reported with a suggestion, all of them") {
    World world;
    world.manifest.components_added = {"linux-filse"};
    world.manifest.components_removed = {"virtio-nte"};
    const auto selection = world.select();
    REQUIRE_FALSE(selection.ok());
    REQUIRE(selection.error().diagnostics.size() == 2);
    CHECK(selection.error().diagnostics[0].id == "unknown-component");
    CHECK(selection.error().diagnostics[0].hint == "did you mean 'linux-files'?");
}

TEST_CASE("a circle of requirements is an error") {
    World world;
    world.all["base"].dependencies = {"kernel"};
    const auto selection = world.select();
    REQUIRE_FALSE(selection.ok());
    CHECK(selection.error().diagnostics.at(0).id == "component-broken");
}
