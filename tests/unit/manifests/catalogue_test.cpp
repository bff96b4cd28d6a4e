#include <manifests/catalogue.hpp>

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

constexpr std::string_view k_target = "name: cloud\nsummary: a cloud\narchitecture: x86_64\n"
                                      "boot: [boot-bios]\ndisk_format: raw\ndisk_extension: img\n";

} // namespace

TEST_CASE("the embedded languages and targets are there and complete") {
    const auto catalogue = manifests::Catalogue::load({});
    REQUIRE(catalogue.ok());
    for (const char* name : {"c", "c++", "binary"}) {
        CAPTURE(name);
        const auto language = catalogue->language(name);
        REQUIRE(language.ok());
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
    CHECK((*target)->disk_format == "qcow2");
    CHECK((*target)->machines.contains("kernel"));
    CHECK((*target)->machines.contains("disk"));
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
    overlay.write("languages/notes.txt", "not a manifest");
    const auto catalogue = manifests::Catalogue::load(overlay.path());
    REQUIRE(catalogue.ok());
    CHECK(catalogue->languages().at("zig").recipes.at(0).command == "zig build");
    CHECK(catalogue->languages().at("c").summary == "another C");
    CHECK(catalogue->languages().at("c").priority == 7);
    CHECK(catalogue->languages().contains("binary"));
    CHECK(catalogue->targets().at("cloud").boot == std::vector<std::string>{"boot-bios"});
    CHECK(catalogue->targets().contains("qemu"));
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

TEST_CASE("a target of another architecture, a bad machine table and a broken file are refused") {
    Overlay overlay;
    std::string text(k_target);
    text.replace(text.find("x86_64"), 6, "riscv");
    overlay.write("targets/cloud.yaml", text + "machines: [a]\n");
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
