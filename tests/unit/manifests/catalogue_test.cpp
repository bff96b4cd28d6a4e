#include <manifests/setup.hpp>

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include <support/file.hpp>

namespace {

using namespace unik;
namespace fs = std::filesystem;

class Overlay {
public:
    Overlay() : folder_(std::move(TemporaryDirectory::create("unik-test-")).value()) {}
    void write(const std::string& name, std::string_view text) {
        fs::create_directories((folder_.path() / name).parent_path());
        REQUIRE(write_file(folder_.path() / name, text).ok());
    }
    const fs::path& path() const { return folder_.path(); }
    std::vector<Diagnostic> problems() const {
        const auto catalogue = manifests::Catalogue::load(path());
        REQUIRE_FALSE(catalogue.ok());
        return catalogue.error().diagnostics;
    }

private:
    TemporaryDirectory folder_;
};

constexpr std::string_view k_target =
    "name: cloud\nsummary: a cloud\narchitecture: x86_64\nimages: [raw, qcow2]\n"
    "firmware: [bios]\nmachines: [q35]\ndisks: [virtio-blk]\nnetworks: [virtio-net]\n";

} // namespace

TEST_CASE("the embedded languages and targets are there and complete") {
    const auto catalogue = manifests::Catalogue::load({});
    REQUIRE(catalogue.ok());
    for (const char* name : {"c", "c++", "binary"})
        CHECK(catalogue->languages().contains(name));
    for (const auto& [name, found] : catalogue->languages()) {
        CAPTURE(name);
        const auto language = catalogue->language(name);
        CHECK_FALSE((*language)->summary.empty());
        CHECK_FALSE((*language)->detect.empty());
        CHECK_FALSE((*language)->unikfile_hint.empty());
        const auto& calls = (*language)->syscalls;
        CHECK(calls.size() > 100);
        CHECK(std::set<std::string>(calls.begin(), calls.end()).size() == calls.size());
        for (const char* absent : {"fork", "vfork", "execve", "execveat"})
            CHECK(std::find(calls.begin(), calls.end(), absent) == calls.end());
    }
    const auto target = catalogue->target("qemu");
    REQUIRE(target.ok());
    CHECK((*target)->architecture == "x86_64");
    CHECK((*target)->images.at(0) == "qcow2");
    CHECK((*target)->firmware.at(0) == "direct");
    const auto& needed = (*target)->needed;
    CHECK(std::find(needed.begin(), needed.end(), "boot-pvh") != needed.end());
    const auto& drivers = (*target)->drivers;
    CHECK(std::find(drivers.begin(), drivers.end(), "virtio-net") != drivers.end());
}

TEST_CASE("embedded files are sorted and found by their path") {
    const auto files = manifests::embedded_files();
    CHECK(std::is_sorted(files.begin(), files.end(),
                         [](const auto& a, const auto& b) { return a.path < b.path; }));
    const auto* file = manifests::find_embedded("languages/c.yaml");
    REQUIRE(file != nullptr);
    CHECK_FALSE(file->bytes.empty());
    CHECK(manifests::find_embedded("languages/none.yaml") == nullptr);
    CHECK(manifests::find_embedded("") == nullptr);
}

TEST_CASE("an unknown name is answered with the nearest one, or with all") {
    const auto catalogue = manifests::Catalogue::load({});
    REQUIRE(catalogue.ok());
    const auto language = catalogue->language("binray");
    REQUIRE_FALSE(language.ok());
    CHECK(language.error().diagnostics[0].id == "unknown-language");
    CHECK(language.error().diagnostics[0].hint == "did you mean 'binary'?");
    const auto target = catalogue->target("zzzzzzzzzz");
    REQUIRE_FALSE(target.ok());
    CHECK(target.error().diagnostics[0].hint.find("qemu") != std::string::npos);
}

TEST_CASE("an overlay adds languages and targets, and replaces those of the same name") {
    Overlay overlay;
    overlay.write("languages/zig.yaml", "name: zig\nsummary: Zig\ndetect: ['*.zig']\n"
                                        "recipes:\n  - {name: zig, command: zig build}\n");
    overlay.write("languages/c.yaml", "name: c\nsummary: another C\npriority: 7\n");
    overlay.write("targets/cloud.yaml", k_target);
    overlay.write("hardware/dos-net.yaml", "name: dos-net\nsummary: a card\nkind: network\n");
    overlay.write("languages/notes.txt", "not a manifest");
    const auto catalogue = manifests::Catalogue::load(overlay.path());
    REQUIRE(catalogue.ok());
    CHECK(catalogue->languages().at("zig").recipes.at(0).command == "zig build");
    CHECK(catalogue->languages().at("c").summary == "another C");
    CHECK(catalogue->languages().at("c").priority == 7);
    CHECK(catalogue->languages().contains("binary"));
    CHECK(catalogue->targets().at("cloud").needed ==
          std::vector<std::string>{"boot-bios", "boot-pvh"});
    CHECK(catalogue->targets().contains("qemu"));
    CHECK(catalogue->hardware().at("dos-net").kind == manifests::Hardware::Kind::network);
}

TEST_CASE("a language says how its runtime is found, what goes along and what that may do") {
    Overlay overlay;
    overlay.write(
        "languages/zig.yaml",
        "name: zig\nsummary: Zig\ninterpreted: true\n"
        "runtime: {program: zig, version: zig version}\n"
        "collect: echo /lib/zig\nlibraries: [libz.so.1, 'libq.so?']\nallow: [jit]\n"
        "syscalls_of: binary\nsyscalls: [read, kexec_load]\n"
        "recipes:\n  - {name: run, output: '${UNIK_RUNTIME}', takes_entry: true,\n"
        "     entrypoint: /zig, args: [run, '1'], image_env: {A: b}, collect: echo /x}\n");
    const auto catalogue = manifests::Catalogue::load(overlay.path());
    if (!catalogue.ok())
        FAIL(to_text(catalogue.error()));
    const manifests::Language& zig = catalogue->languages().at("zig");
    CHECK(zig.interpreted);
    CHECK(zig.runtime.program == "zig");
    CHECK(zig.runtime.version == "zig version");
    CHECK(zig.collect == "echo /lib/zig");
    CHECK(zig.libraries == std::vector<std::string>{"libz.so.1", "libq.so?"});
    CHECK(zig.allow == std::vector<std::string>{"jit"});
    const std::set<std::string> calls(zig.syscalls.begin(), zig.syscalls.end());
    CHECK(calls.size() == zig.syscalls.size());
    CHECK(calls.size() == catalogue->languages().at("binary").syscalls.size() + 1);
    const manifests::BuildRecipe& recipe = zig.recipes.at(0);
    CHECK(recipe.takes_entry);
    CHECK(recipe.entrypoint == "/zig");
    CHECK(recipe.args == std::vector<std::string>{"run", "1"});
    CHECK(recipe.image_environment.at("A") == "b");
    CHECK(recipe.collect == "echo /x");
}

TEST_CASE("a language's runtime has a program, its exceptions are known, and its calls are found") {
    Overlay overlay;
    overlay.write("languages/a.yaml", "name: a\nsummary: x\nruntime: {version: x}\n"
                                      "allow: [jit, wx]\ninterpreted: perhaps\n");
    const auto found = overlay.problems();
    REQUIRE(found.size() == 3);
    CHECK(found[0].id == "missing-key");
    CHECK(found[1].id == "unknown-allowance");
    CHECK(found[2].id == "wrong-type");
    overlay.write("languages/a.yaml", "name: a\nsummary: x\nsyscalls_of: bniary\n");
    CHECK(overlay.problems()[0].hint == "did you mean 'binary'?");
    overlay.write("languages/a.yaml", "name: a\nsummary: x\nsyscalls_of: go\n");
    CHECK(overlay.problems()[0].message.find("has none of its own") != std::string::npos);
}

TEST_CASE("every embedded piece of hardware and target is of use") {
    const auto catalogue = manifests::Catalogue::load({});
    REQUIRE(catalogue.ok());
    for (const auto& [name, piece] : catalogue->hardware()) {
        CAPTURE(name);
        CHECK_FALSE(piece.summary.empty());
        for (const std::string& firmware : piece.firmware)
            CHECK(catalogue->hardware().at(firmware).kind == manifests::Hardware::Kind::firmware);
    }
    for (const auto& [name, target] : catalogue->targets()) {
        CAPTURE(name);
        const auto all = manifests::setups(catalogue.value(), target);
        CHECK_FALSE(all.empty());
        for (const manifests::Combination& tested : target.tested)
            CHECK(std::any_of(all.begin(), all.end(), [&](const manifests::Setup& setup) {
                return setup.names() == tested;
            }));
        for (const auto* list :
             {&target.firmware, &target.machines, &target.disks, &target.networks})
            for (const std::string& piece : *list)
                CHECK(std::any_of(all.begin(), all.end(), [&](const manifests::Setup& setup) {
                    const auto names = setup.names();
                    return names.firmware == piece || names.machine == piece ||
                           names.disk == piece || names.network == piece;
                }));
    }
}

TEST_CASE(
    "hardware that no file describes, of the wrong kind or of unknown components is refused") {
    Overlay overlay;
    std::string text(k_target);
    text.replace(text.find("[virtio-blk]"), 12, "[virtio-bulk, q35]");
    overlay.write("targets/cloud.yaml", text);
    const auto found = overlay.problems();
    REQUIRE(found.size() == 2);
    CHECK(found[0].id == "unknown-hardware");
    CHECK(found[0].hint == "did you mean 'virtio-blk'?");
    CHECK(found[0].where.line == 7);
    CHECK(found[1].id == "unknown-hardware");
    overlay.write("targets/cloud.yaml", k_target);
    overlay.write("hardware/card.yaml",
                  "name: card\nsummary: x\nkind: fish\ncomponents: [ne2000]\n");
    const auto more = overlay.problems();
    REQUIRE(more.size() == 2);
    CHECK(more[0].id == "bad-value");
    CHECK(more[1].id == "unknown-component");
}

TEST_CASE("a target is named with or without the format of its image") {
    Overlay overlay;
    overlay.write("targets/cloud.yaml", k_target);
    const auto catalogue = manifests::Catalogue::load(overlay.path());
    REQUIRE(catalogue.ok());
    CHECK(catalogue->target_image("cloud")->format == "raw");
    CHECK(catalogue->target_image("cloud:qcow2")->format == "qcow2");
    CHECK(catalogue->target_image("clod").error().diagnostics[0].hint == "did you mean 'cloud'?");
    const auto other = catalogue->target_image("cloud:qcow");
    REQUIRE_FALSE(other.ok());
    CHECK(other.error().diagnostics[0].id == "unknown-image");
    CHECK(other.error().diagnostics[0].hint == "did you mean 'qcow2'?");
    CHECK_FALSE(catalogue->target_image("cloud:").ok());
}

TEST_CASE("problems of all overlaid files come in one run, each with its place") {
    Overlay overlay;
    overlay.write("languages/a.yaml", "name: a\nsumary: x\n");
    overlay.write("languages/b.yaml", "name: other\nsummary: x\nrecipes: [{command: 5}]\n");
    const auto found = overlay.problems();
    REQUIRE(found.size() == 5);
    CHECK(found[0].id == "missing-key");
    CHECK(found[1].hint == "did you mean 'summary'?");
    CHECK(found[1].where.file == (overlay.path() / "languages/a.yaml").string());
    CHECK(found[1].where.line == 2);
    CHECK(found[2].id == "bad-name");
    CHECK(found[3].id == "missing-key");
    CHECK(found[4].id == "wrong-type");
}

TEST_CASE("a target of another architecture, a bad list and a broken file are refused") {
    Overlay overlay;
    std::string text(k_target);
    text.replace(text.find("x86_64"), 6, "riscv");
    overlay.write("targets/cloud.yaml", text + "tested: a\n");
    const auto found = overlay.problems();
    REQUIRE(found.size() == 2);
    CHECK(found[0].id == "unknown-architecture");
    CHECK(found[1].id == "wrong-type");
    overlay.write("targets/cloud.yaml", "name: [\n");
    CHECK(overlay.problems()[0].id == "yaml-syntax");
    fs::remove(overlay.path() / "targets/cloud.yaml");
    fs::create_directory(overlay.path() / "targets/cloud.yaml");
    CHECK(overlay.problems()[0].id == "not-a-file");
}

TEST_CASE("an overlay that is no folder is a mistake of usage") {
    const auto catalogue = manifests::Catalogue::load("/nonexistent/manifests");
    REQUIRE_FALSE(catalogue.ok());
    CHECK(catalogue.error().diagnostics[0].id == "no-manifests");
    CHECK(catalogue.error().exit_code == ExitCode::usage);
}
