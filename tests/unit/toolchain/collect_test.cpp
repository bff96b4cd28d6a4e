#include <toolchain/collect.hpp>

#include <algorithm>

#include <sys/stat.h>

#include "project.hpp"

namespace {

using namespace unik;
using project_test::Project;
using toolchain::CollectedFile;
namespace fs = std::filesystem;

Result<std::vector<CollectedFile>> collect(const Project& project, const std::string& files) {
    auto manifest = project.manifest("name: app\nfiles:\n" + files);
    manifest.entrypoint = "/bin/app";
    return toolchain::collect_files(manifest);
}

std::string paths(const Result<std::vector<CollectedFile>>& files) {
    REQUIRE(files.ok());
    std::string out;
    for (const CollectedFile& file : *files) {
        constexpr std::string_view k_marks = " /@";
        out += file.path + k_marks[static_cast<std::size_t>(file.kind)];
        if (file.kind == CollectedFile::Kind::symbolic_link)
            out += file.link_target + " ";
    }
    return out;
}

Diagnostic problem(const Result<std::vector<CollectedFile>>& files) {
    REQUIRE_FALSE(files.ok());
    REQUIRE(files.error().diagnostics.size() == 1);
    return files.error().diagnostics[0];
}

} // namespace

TEST_CASE("files and folders are placed, sorted, with the folders above them") {
    Project project;
    project.write("public/index.html", "x");
    project.write("public/js/a.js", "x");
    project.write("one.txt", "x");
    fs::create_directory(project.path() / "public/empty");
    CHECK(paths(collect(project, "  - {from: public, to: /srv/www}\n"
                                 "  - {from: one.txt, to: /etc/}\n"
                                 "  - {from: one.txt, to: /}\n")) ==
          "/etc//etc/one.txt /one.txt /srv//srv/www//srv/www/empty//srv/www/index.html "
          "/srv/www/js//srv/www/js/a.js ");
    CHECK(paths(collect(project, "  - {from: ., to: /}\n")) ==
          "/one.txt /public//public/empty//public/index.html /public/js//public/js/a.js ");
    CHECK(paths(collect(project, "  []\n")).empty());
}

TEST_CASE("a pattern's files keep their path below its fixed part") {
    Project project;
    project.write("web/index.html", "x");
    project.write("web/style.css", "x");
    project.write("web/docs/a.html", "x");
    project.write("web/docs/deep/b.html", "x");
    project.write("web/img/logo.png", "x");
    project.write("note.html", "x");
    CHECK(paths(collect(project, "  - {from: \"web/*.html\", to: /srv}\n")) ==
          "/srv//srv/index.html ");
    CHECK(paths(collect(project, "  - {from: \"web/**/*.html\", to: /srv/}\n")) ==
          "/srv//srv/docs//srv/docs/a.html /srv/docs/deep//srv/docs/deep/b.html /srv/index.html ");
    CHECK(paths(collect(project, "  - {from: \"*.html\", to: /}\n")) == "/note.html ");
    CHECK(paths(collect(project, "  - {from: \"web/[di]*\", to: /s}\n")) ==
          "/s//s/docs//s/docs/a.html /s/docs/deep//s/docs/deep/b.html /s/img//s/img/logo.png "
          "/s/index.html ");
}

TEST_CASE("a file whose own name looks like a pattern is that file") {
    Project project;
    project.write("pages/[id].js", "x");
    project.write("pages/i.js", "x");
    CHECK(paths(collect(project, "  - {from: \"pages/[id].js\", to: /a.js}\n")) == "/a.js ");
}

TEST_CASE("patterns pass over what .unikignore names, and must match something") {
    Project project;
    project.write(".unikignore", "**/*.log\nsecret\n");
    project.write("a.log", "x");
    project.write("data/b.log", "x");
    project.write("data/b.txt", "x");
    project.write("secret/c.txt", "x");
    CHECK(paths(collect(project, "  - {from: \"**/*.txt\", to: /d}\n")) ==
          "/d//d/data//d/data/b.txt ");
    CHECK(problem(collect(project, "  - {from: \"**/*.log\", to: /d}\n")).id == "no-such-file");
    CHECK(problem(collect(project, "  - {from: \"none/*\", to: /d}\n")).id == "no-such-file");
    CHECK(problem(collect(project, "  - {from: \"data/[\", to: /d}\n")).id == "bad-pattern");
}

TEST_CASE("a pattern leads out of the project no more than a path does") {
    Project project;
    fs::create_directory(project.outside() / "other");
    REQUIRE(write_file(project.outside() / "other/x.txt", "x").ok());
    project.link("../other", "out");
    CHECK(problem(collect(project, "  - {from: \"out/*.txt\", to: /d}\n")).id == "path-escapes");
    CHECK(problem(collect(project, "  - {from: \"**/x.txt\", to: /d}\n")).id == "no-such-file");
}

TEST_CASE("modes do not depend on the umask, unless the Unikfile gives one") {
    Project project;
    project.write("a", "x", 0600);
    project.write("b", "x", 0775);
    const auto files = collect(project, "  - {from: a, to: /a}\n  - {from: b, to: /b}\n"
                                        "  - {from: b, to: /c, mode: 0640}\n");
    REQUIRE(files.ok());
    REQUIRE(files->size() == 3);
    CHECK((*files)[0].mode == 0644);
    CHECK((*files)[1].mode == 0755);
    CHECK((*files)[2].mode == 0640);
    CHECK((*files)[0].source == fs::canonical(project.path()) / "a");
}

TEST_CASE(".unikignore leaves out, and brings back") {
    Project project;
    project.write("data/a.txt", "x");
    project.write("data/a.log", "x");
    project.write("data/secret/key", "x");
    project.write("data/secret/public/x", "x");
    project.write(".unikignore", "**/*.log\ndata/secret\n!data/secret/public\n");
    CHECK(paths(collect(project, "  - {from: data, to: /d}\n")) ==
          "/d//d/a.txt /d/secret//d/secret/public//d/secret/public/x ");
    CHECK(problem(collect(project, "  - {from: data/a.log, to: /x}\n")).id == "ignored-file");
    project.write(".unikignore", "data/\n[\n");
    CHECK(problem(collect(project, "  - {from: data, to: /d}\n")).id == "bad-pattern");
}

TEST_CASE("our own bundle is no input") {
    Project project;
    project.write("app.unik/kernel.elf", "x");
    project.write("other.unik/kernel.elf", "x");
    CHECK(paths(collect(project, "  - {from: ., to: /p}\n")) ==
          "/p//p/other.unik//p/other.unik/kernel.elf ");
}

TEST_CASE("links within the project stay links") {
    Project project;
    project.write("d/file", "x");
    project.link("file", "d/near");
    project.link("../d/file", "d/up");
    project.link("missing", "d/dangling");
    project.link("loop", "d/loop");
    CHECK(paths(collect(project, "  - {from: d, to: /d}\n")) ==
          "/d//d/dangling@missing /d/file /d/loop@loop /d/near@file /d/up@../d/file ");
}

TEST_CASE("what leads out of the project is refused") {
    Project project;
    project.write("d/file", "x");
    REQUIRE(write_file(project.outside() / "secret", std::string_view("s")).ok());
    project.link("../../secret", "d/out");
    CHECK(problem(collect(project, "  - {from: d, to: /d}\n")).id == "path-escapes");
    CHECK(problem(collect(project, "  - {from: d/out, to: /d}\n")).id == "path-escapes");
    fs::remove(project.path() / "d/out");
    project.link("/etc/passwd", "d/absolute");
    CHECK(problem(collect(project, "  - {from: d, to: /d}\n")).id == "path-escapes");
    fs::remove(project.path() / "d/absolute");
    project.link((project.path() / "d/file").string(), "d/absolute");
    CHECK(problem(collect(project, "  - {from: d, to: /d}\n")).id == "path-escapes");
    fs::remove(project.path() / "d/absolute");
    project.link("..", "up");
    project.link("up/secret", "through");
    CHECK(problem(collect(project, "  - {from: up, to: /d}\n")).id == "path-escapes");
    CHECK(problem(collect(project, "  - {from: through, to: /d}\n")).id == "path-escapes");
    CHECK(problem(collect(project, "  - {from: up/secret, to: /d}\n")).id == "path-escapes");
}

TEST_CASE("a project whose name begins alike is outside") {
    Project project;
    fs::create_directory(project.outside() / "project-two");
    REQUIRE(write_file(project.outside() / "project-two/x", std::string_view("s")).ok());
    project.link("../project-two/x", "x");
    CHECK(problem(collect(project, "  - {from: x, to: /x}\n")).id == "path-escapes");
}

TEST_CASE("two sources for one path, and files above files, are refused") {
    Project project;
    project.write("a", "x");
    project.write("b", "x");
    project.write("d/e", "x");
    const auto id = [&](const std::string& files) { return problem(collect(project, files)).id; };
    CHECK(id("  - {from: a, to: /x}\n  - {from: b, to: //x}\n") == "duplicate-path");
    CHECK(id("  - {from: a, to: /x}\n  - {from: b, to: /x/y}\n") == "duplicate-path");
    CHECK(id("  - {from: b, to: /x/y}\n  - {from: a, to: /x}\n") == "duplicate-path");
    CHECK(id("  - {from: a, to: /bin/app}\n") == "duplicate-path");
    CHECK(id("  - {from: a, to: /bin/app/x}\n") == "duplicate-path");
    CHECK(id("  - {from: a, to: /bin}\n") == "duplicate-path");
    CHECK(paths(collect(project, "  - {from: d, to: /x}\n  - {from: a, to: /x/f}\n"
                                 "  - {from: d, to: /x/g}\n")) == "/x//x/e /x/f /x/g//x/g/e ");
}

TEST_CASE("what is missing or no file is told, all in one run") {
    Project project;
    REQUIRE(::mkfifo((project.path() / "pipe").c_str(), 0600) == 0);
    const auto files = collect(project, "  - {from: missing, to: /a}\n"
                                        "  - {from: pipe, to: /b}\n"
                                        "  - {from: nothing/there, to: /c}\n");
    REQUIRE_FALSE(files.ok());
    const auto& found = files.error().diagnostics;
    REQUIRE(found.size() == 3);
    CHECK(found[0].id == "no-such-file");
    CHECK(found[1].id == "not-a-file");
    CHECK(found[2].id == "no-such-file");
}
