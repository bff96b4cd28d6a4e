#include <doctest/doctest.h>

#include <components/selection.hpp>

using namespace unik;

namespace {

ByteSpan bytes(std::string_view text) {
    return ByteSpan(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

Result<std::map<std::string, components::Component>> load_one(std::string_view yaml) {
    const manifests::EmbeddedFile files[] = {
        {"components/base/component.yaml",
         bytes("name: base\nsummary: what others stand on\nlayer: platform\n")},
        {"components/base/object.o", bytes("object")},
        {"components/one/component.yaml", bytes(yaml)},
        {"components/one/object.o", bytes("other")},
        {"languages/c.yaml", bytes("name: c\n")},
    };
    return components::load_components(files);
}

std::string problem(std::string_view yaml) {
    const auto loaded = load_one(yaml);
    return loaded.ok() ? "ok" : loaded.error().diagnostics.at(0).id;
}

} // namespace

TEST_CASE("every key of component.yaml is read") {
    const auto loaded = load_one(R"(
name: one
summary: a component with everything
layer: drivers
requires: [base]
provides: [netdev]
wants: [entropy]
drivers: {"virtio:1": os::one::attach}
syscalls: {read: os::one::read}
filesystems: {/dev: os::one::mount}
start: os::one::start
boot_record: false
sources_from: elsewhere
)");
    REQUIRE(loaded.ok());
    const components::Component& one = loaded.value().at("one");
    CHECK(one.layer == components::Layer::drivers);
    CHECK(one.dependencies == std::vector<std::string>{"base"});
    CHECK(one.provides == std::vector<std::string>{"netdev"});
    CHECK(one.wants == std::vector<std::string>{"entropy"});
    CHECK(one.drivers.at("virtio:1") == "os::one::attach");
    CHECK(one.syscalls.at("read") == "os::one::read");
    CHECK(one.filesystems.at("/dev") == "os::one::mount");
    CHECK(one.start == "os::one::start");
    CHECK_FALSE(one.boot_record);
    CHECK(one.sources_from == "elsewhere");
    CHECK(one.object.size() == 5);
}

TEST_CASE("a wrong component.yaml is refused") {
    const std::string head = "name: one\nsummary: s\nlayer: abi\n";
    CHECK(problem(head) == "ok");
    CHECK(problem(head + "start: null\n") == "ok");
    CHECK(problem("name: two\nsummary: s\nlayer: abi\n") == "bad-value");
    CHECK(problem("name: one\nsummary: s\nlayer: attic\n") == "bad-value");
    CHECK(problem(head + "start: memory::start\n") == "bad-value");
    CHECK(problem(head + "start: \"os::a; rm\"\n") == "bad-value");
    CHECK(problem(head + "syscalls: {read: os::1st}\n") == "bad-value");
    CHECK(problem(head + "syscalls: {raed: os::read}\n") == "unknown-syscall");
    CHECK(problem(head + "requires: [nobody]\n") == "component-broken");
    CHECK(problem(head + "colour: blue\n") == "unknown-key");
}

TEST_CASE("two providers of one system call are refused") {
    const manifests::EmbeddedFile files[] = {
        {"components/a/component.yaml",
         bytes("name: a\nsummary: s\nlayer: abi\nsyscalls: {read: os::a::read}\n")},
        {"components/a/object.o", bytes("x")},
        {"components/b/component.yaml",
         bytes("name: b\nsummary: s\nlayer: abi\nsyscalls: {read: os::b::read}\n")},
        {"components/b/object.o", bytes("x")},
    };
    const auto loaded = components::load_components(files);
    REQUIRE_FALSE(loaded.ok());
    CHECK(loaded.error().diagnostics.at(0).id == "component-broken");
}
