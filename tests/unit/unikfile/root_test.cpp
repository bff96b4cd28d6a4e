// The keys about the root file system.
#include <unikfile/unikfile.hpp>

#include <doctest/doctest.h>

namespace {

using namespace unik;
using unikfile::RootForm;

Result<unikfile::Manifest> parse(const std::string& lines) {
    return unikfile::parse("Unikfile", "name: app\n" + lines, "/project");
}

std::string problem(const std::string& lines) {
    const auto manifest = parse(lines);
    REQUIRE_FALSE(manifest.ok());
    REQUIRE(manifest.error().diagnostics.size() == 1);
    const Diagnostic& found = manifest.error().diagnostics[0];
    CHECK(found.where.line == 2);
    return found.id + ": " + found.message + " (" + found.hint + ")";
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("the root is embedded, on the disk, or where its size decides") {
    CHECK(parse("")->root == RootForm::automatic);
    CHECK(parse("root: auto\n")->root == RootForm::automatic);
    CHECK(parse("root: embedded\n")->root == RootForm::embedded);
    CHECK(parse("root: disk\n")->root == RootForm::disk);
    CHECK(contains(problem("root: embeded\n"), "did you mean 'embedded'"));
    CHECK(contains(problem("root: partition\n"), "unknown-root"));
    CHECK(contains(problem("root: [disk]\n"), "wrong-type"));
}

TEST_CASE("folders in memory have a limit, and their paths are normalised") {
    const auto manifest = parse("tmpfs: {/var/cache//x/: 64M, /tmp: 1G, /run: 8M, /dev/shm: 2M}\n");
    REQUIRE(manifest.ok());
    CHECK(manifest->tmpfs.size() == 4);
    CHECK(manifest->tmpfs.at("/var/cache/x") == Bytes{64ULL << 20});
    CHECK(manifest->tmpfs.at("/tmp") == Bytes{1ULL << 30});
    CHECK(parse("tmpfs: {}\n")->tmpfs.empty());
}

TEST_CASE("folders that cannot be in memory are refused with the reason") {
    CHECK(contains(problem("tmpfs: {/: 1M}\n"), "bad-path"));
    CHECK(contains(problem("tmpfs: {var: 1M}\n"), "var"));
    CHECK(contains(problem("tmpfs: {/a/../b: 1M}\n"), ".."));
    CHECK(contains(problem("tmpfs: {/proc/x: 1M}\n"), "'/proc'"));
    CHECK(contains(problem("tmpfs: {/sys: 1M}\n"), "'/sys'"));
    CHECK(contains(problem("tmpfs: {/dev/x: 1M}\n"), "'/dev'"));
    CHECK(contains(problem("tmpfs: {/tmp/x: 1M}\n"), "in memory already"));
    CHECK(contains(problem("tmpfs: {/a: 1M, /a/b: 1M}\n"), "one in the other"));
    CHECK(contains(problem("tmpfs: {/a/b: 1M, /a: 1M}\n"), "one in the other"));
    CHECK(contains(problem("tmpfs: {/a: 1M, /a/: 1M}\n"), "repeated-name"));
    CHECK(contains(problem("tmpfs: {/a: 5}\n"), "out-of-range"));
    CHECK(contains(problem("tmpfs: {/a: much}\n"), "much"));
    CHECK(contains(problem("tmpfs: [/a]\n"), "wrong-type"));
    CHECK(parse("tmpfs: {/ab: 1M, /a: 1M}\n").ok());
}
