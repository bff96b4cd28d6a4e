#include <cache/situation.hpp>

#include <cstdlib>

#include <doctest/doctest.h>

#include <support/file.hpp>

namespace {

namespace fs = std::filesystem;
using namespace unik::cache;

struct Project {
    unik::TemporaryDirectory folder =
        std::move(unik::TemporaryDirectory::create("unik-test-")).value();
    unik::manifests::Catalogue catalogue = std::move(unik::manifests::Catalogue::load({})).value();
    unik::toolchain::Application application;
    Situation situation;

    Project() {
        write("Unikfile", "name: app\n");
        write("main.c", "int main(void) { return 0; }\n");
        situation.manifest.name = "app";
        situation.manifest.directory = folder.path();
        situation.manifest.file = folder.path() / "Unikfile";
        situation.manifest.targets = {"qemu"};
        situation.catalogue = &catalogue;
        situation.bundle = folder.path() / "app.unik";
        application.executable = {1, 2, 3};
        application.files.push_back({unik::toolchain::CollectedFile::Kind::regular,
                                     "/main.c",
                                     0644,
                                     folder.path() / "main.c",
                                     {}});
    }
    void write(const std::string& name, std::string_view text) const {
        fs::create_directories((folder.path() / name).parent_path());
        REQUIRE(unik::write_file(folder.path() / name, text).ok());
    }
    std::string given() const {
        const auto digest = given_digest(situation);
        REQUIRE(digest);
        return *digest;
    }
    std::string linked() const {
        const auto digest = linked_digest(situation, application);
        REQUIRE(digest);
        return *digest;
    }
};

} // namespace

TEST_CASE("the same project gives the same digests") {
    const Project project;
    CHECK(project.given() == project.given());
    CHECK(project.linked() == project.linked());
}

TEST_CASE("each kind of change before the build is noticed") {
    Project project;
    const std::string before = project.given();
    SUBCASE("the Unikfile") {
        project.write("Unikfile", "name: app\ncomponents: {}\n");
    }
    SUBCASE("a new file") {
        project.write("other.h", "");
    }
    SUBCASE("a new file far down") {
        project.write("a/b/c/d/e/f/g/other.h", "");
    }
    SUBCASE("a file less") {
        fs::remove(project.folder.path() / "main.c");
    }
    SUBCASE("a file's mode") {
        fs::permissions(project.folder.path() / "main.c", fs::perms::owner_all);
    }
    SUBCASE("a link in a file's place") {
        fs::remove(project.folder.path() / "main.c");
        fs::create_symlink("Unikfile", project.folder.path() / "main.c");
    }
    SUBCASE("another target") {
        project.situation.manifest.targets = {"other"};
    }
    SUBCASE("another output") {
        project.situation.bundle = "/elsewhere.unik";
    }
    SUBCASE("a variable") {
        ::setenv("CPPFLAGS", "-DUNIK_CACHE_TEST", 1);
    }
    SUBCASE("the overlay of manifests") {
        const fs::path overlay = project.folder.path() / ".git/overlay"; // seen by nothing else
        project.write(".git/overlay/languages/c.yaml",
                      "name: c\nsummary: other\ntools: [no-such-compiler]\n");
        project.catalogue = std::move(unik::manifests::Catalogue::load(overlay)).value();
    }
    CHECK(project.given() != before);
    ::unsetenv("CPPFLAGS");
}

TEST_CASE("a tool found elsewhere in PATH, or changed in its place, is noticed") {
    const Project project;
    const std::string path = std::getenv("PATH");
    ::setenv("PATH", (project.folder.path() / ".git/bin").c_str(), 1);
    const std::string without = project.given();
    project.write(".git/bin/musl-gcc", "#!/bin/sh\n");
    fs::permissions(project.folder.path() / ".git/bin/musl-gcc", fs::perms::owner_all);
    const std::string with = project.given();
    project.write(".git/bin/musl-gcc", "#!/bin/dash\n");
    fs::permissions(project.folder.path() / ".git/bin/musl-gcc", fs::perms::owner_all);
    const std::string changed = project.given();
    ::setenv("PATH", path.c_str(), 1);
    CHECK(without != with);
    CHECK(with != changed);
}

TEST_CASE("the bundle, its staging folders, and where the user sits decide nothing") {
    const Project project;
    const std::string before = project.given();
    project.write("app.unik/image.json", "{}");
    project.write(".app.unik.AbCdEf/kernel.elf", "");
    project.write(".git/index", "");
    ::setenv("OLDPWD", "/somewhere", 1);
    CHECK(project.given() == before);
    ::unsetenv("OLDPWD");
}

TEST_CASE("a link to a folder makes the names of a project unknown") {
    const Project project;
    fs::create_directory_symlink("/usr", project.folder.path() / "usr");
    CHECK(!given_digest(project.situation));
}

TEST_CASE("each kind of change of what is linked is noticed") {
    Project project;
    const std::string before = project.linked();
    SUBCASE("the program") {
        project.application.executable.push_back(4);
    }
    SUBCASE("the content of a file") {
        project.write("main.c", "changed");
    }
    SUBCASE("the place of a file") {
        project.application.files[0].path = "/other.c";
    }
    SUBCASE("the mode of a file") {
        project.application.files[0].mode = 0755;
    }
    SUBCASE("a file less") {
        project.application.files.clear();
    }
    SUBCASE("the language") {
        project.application.language.name = "other";
    }
    SUBCASE("the Unikfile") {
        project.write("Unikfile", "name: other\n");
    }
    SUBCASE("another target") {
        project.situation.manifest.targets.clear();
    }
    SUBCASE("the date of the sources") {
        ::setenv("SOURCE_DATE_EPOCH", "5", 1);
    }
    CHECK(project.linked() != before);
    ::unsetenv("SOURCE_DATE_EPOCH");
}
