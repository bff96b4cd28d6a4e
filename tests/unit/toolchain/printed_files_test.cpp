#include <toolchain/printed_files.hpp>

#include <algorithm>

#include "project.hpp"

namespace {

using namespace unik;
using project_test::Project;
using toolchain::CollectedFile;
using toolchain::CollectPlaces;
namespace fs = std::filesystem;

// A project, what was built of it, a home folder and a host, side by side.
class Places : public Project {
public:
    Places() {
        for (const char* name : {"out/project", "home", "host"})
            fs::create_directories(outside() / name);
        places.project = fs::canonical(path());
        places.out = fs::canonical(outside() / "out");
        places.home = fs::canonical(outside() / "home");
    }

    void write_outside(const std::string& name, std::string_view text = "x",
                       unsigned mode = 0644) const {
        fs::create_directories((outside() / name).parent_path());
        REQUIRE(write_file(outside() / name, text, mode).ok());
    }

    std::string line(const std::string& name, const std::string& image = {}) const {
        return (outside() / name).string() + (image.empty() ? "" : "\t" + image) + "\n";
    }

    Result<std::vector<CollectedFile>> read(const std::string& text) const {
        return toolchain::files_printed(text, "what 'x' collects", places);
    }

    std::vector<std::string> paths(const std::string& text) const {
        const auto files = read(text);
        if (!files.ok())
            FAIL(to_text(files.error()));
        std::vector<std::string> out;
        for (const CollectedFile& file : files.value())
            out.push_back(file.path);
        return out;
    }

    std::string problem(const std::string& text) const {
        const auto files = read(text);
        REQUIRE_FALSE(files.ok());
        return to_text(files.error());
    }

    CollectPlaces places;
};

using Paths = std::vector<std::string>;

bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("each line is a file or a folder with all in it, at its own place or another") {
    const Places places;
    places.write_outside("host/lib/a.so", "a", 0755);
    places.write_outside("host/lib/deep/b.txt");
    const std::string own = (places.outside() / "host/lib/deep/b.txt").string();
    const auto files = places.read(places.line("host/lib", "/usr/lib") + "\n" +
                                   places.line("host/lib/deep/b.txt", "//b"));
    REQUIRE(files.ok());
    Paths paths;
    for (const CollectedFile& file : files.value())
        paths.push_back(file.path);
    CHECK(paths ==
          Paths{"/b", "/usr", "/usr/lib", "/usr/lib/a.so", "/usr/lib/deep", "/usr/lib/deep/b.txt"});
    CHECK(files.value()[3].mode == 0755);
    CHECK(files.value()[5].mode == 0644);
    CHECK(places.paths(own).back() == own);
}

TEST_CASE("a line that names no file is refused with its number") {
    const Places places;
    places.write_outside("host/a");
    const std::string good = places.line("host/a", "/a");
    CHECK(holds(places.problem(good + "relative\t/b\n"),
                "what 'x' collects, line 2: expected 'HOST_PATH<TAB>IMAGE_PATH'"));
    CHECK(holds(places.problem(places.line("host/a", "b")), "line 1"));
    CHECK(holds(places.problem(places.line("host/a", "/../b")), "line 1"));
    CHECK(holds(places.problem("\n\n" + places.line("host/none")), "line 3: cannot collect"));
}

TEST_CASE("two sources for one place are refused, the same one twice is not") {
    const Places places;
    places.write_outside("host/a");
    places.write_outside("host/b");
    CHECK(places.paths(places.line("host/a", "/f") + places.line("host/a", "/f")) == Paths{"/f"});
    CHECK(holds(places.problem(places.line("host/a", "/f") + places.line("host/b", "/f")),
                "line 2: two sources for '/f'"));
    CHECK(holds(places.problem(places.line("host/a", "/f") + places.line("host/b", "/f/g")),
                "line 2: two sources for '/f'"));
}

TEST_CASE("nothing comes from the home folder but a runtime that lies in it") {
    Places places;
    places.write_outside("home/.ssh/key");
    places.write_outside("home/node/bin/node");
    CHECK(holds(places.problem(places.line("home/.ssh")), "path-escapes"));
    fs::create_symlink(places.outside() / "home/.ssh", places.outside() / "host/innocent");
    CHECK(holds(places.problem(places.line("host/innocent")), "path-escapes"));
    fs::create_directory(places.outside() / "host/more");
    fs::create_symlink(places.outside() / "home/.ssh/key", places.outside() / "host/more/link");
    CHECK(holds(places.problem(places.line("host/more")), "path-escapes"));
    CHECK(holds(places.problem(places.line("home/node")), "path-escapes"));
    places.places.runtime_root = fs::canonical(places.outside() / "home/node");
    CHECK(places.paths(places.line("home/node", "/node")).size() == 4 - 1);
    CHECK(holds(places.problem(places.line("home/.ssh")), "path-escapes"));
    CHECK(holds(places.problem("/proc/self/environ\n"), "path-escapes"));
}

TEST_CASE("links of dependencies stay in the project and in what was built") {
    const Places places;
    places.write_outside("host/secret");
    places.write_outside("out/site/module.py");
    const fs::path secret = places.outside() / "host/secret";
    fs::create_symlink("module.py", places.outside() / "out/site/inside");
    fs::create_symlink("nowhere", places.outside() / "out/site/dangling");
    const auto files = places.read(places.line("out/site", "/site"));
    REQUIRE(files.ok());
    CHECK(files.value()[1].kind == CollectedFile::Kind::symbolic_link);
    CHECK(files.value()[1].link_target == "nowhere");
    CHECK(files.value()[2].link_target == "module.py");
    fs::create_symlink(secret, places.outside() / "out/site/outside");
    CHECK(holds(places.problem(places.line("out/site", "/site")), "path-escapes"));
    places.link(secret.string(), "node_modules/x/stolen");
    CHECK(holds(places.problem(places.line("project", "/app")), "path-escapes"));
}

TEST_CASE("links of the host are followed, but never round in a circle without an end") {
    const Places places;
    places.write_outside("host/etc/config");
    fs::create_directories(places.outside() / "host/jvm");
    fs::create_symlink(places.outside() / "host/etc", places.outside() / "host/jvm/conf");
    CHECK(places.paths(places.line("host/jvm", "/jvm")) ==
          Paths{"/jvm", "/jvm/conf", "/jvm/conf/config"});
    fs::create_symlink(places.outside() / "host/jvm", places.outside() / "host/etc/back");
    CHECK(holds(places.problem(places.line("host/jvm", "/jvm")), "circle"));
}

TEST_CASE("of the project and its copy only what belongs into an image is taken") {
    Places places;
    places.write(".env", "TOKEN=1");
    places.write(".unikignore", "*.log\nnotes\n");
    places.write("Unikfile", "name: x\n");
    places.write("main.py", "");
    places.write("x.log", "");
    places.write("notes/today", "");
    places.write("old.unik/image.json", "{}");
    places.write("node_modules/a/.hidden/needed.js", "");
    auto rules = toolchain::IgnoreRules::load(places.path());
    REQUIRE(rules.ok());
    places.places.ignored = std::move(rules).value();
    const Paths expected{"/app",
                         "/app/main.py",
                         "/app/node_modules",
                         "/app/node_modules/a",
                         "/app/node_modules/a/.hidden",
                         "/app/node_modules/a/.hidden/needed.js"};
    CHECK(places.paths(places.line("project", "/app")) == expected);
    fs::copy(places.path(), places.outside() / "out/project", fs::copy_options::recursive);
    CHECK(places.paths(places.line("out/project", "/app")) == expected);
}

TEST_CASE("the Unikfile's own files take the place of collected ones") {
    using Kind = CollectedFile::Kind;
    const CollectedFile folder{Kind::directory, "/app", 0755, {}, {}, {}};
    const CollectedFile first{Kind::regular, "/app/a", 0644, "/first", {}, {}};
    const CollectedFile second{Kind::regular, "/app/a", 0600, "/second", {}, {}};
    const auto merged = toolchain::merge_files({folder, second}, {folder, first});
    REQUIRE(merged.ok());
    REQUIRE(merged.value().size() == 2);
    CHECK(merged.value()[1].source == "/second");
    const CollectedFile file{Kind::regular, "/app", 0644, "/x", {}, {}};
    CHECK_FALSE(toolchain::merge_files({file}, {folder, first}).ok());
}
