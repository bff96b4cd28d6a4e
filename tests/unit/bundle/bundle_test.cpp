// Bundles: written as a whole or not at all, read with suspicion.
#include <csignal>
#include <fstream>

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bundle/bundle.hpp>
#include <bundle/strict_json.hpp>
#include <support/file.hpp>

#include "../results.hpp"

namespace unik::bundle {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json document(const std::string& name = "web") {
    return {{"schema", 1},
            {"name", name},
            {"version", "1.0"},
            {"language", "c"},
            {"memory", 64 << 20},
            {"cpus", 1},
            {"expose", {{{"port", 8080}, {"protocol", "tcp"}}}},
            {"disks", {{"qemu", "disk-qemu.qcow2"}}},
            {"extra", {1, 2, 3}}};
}

struct Project {
    TemporaryDirectory folder = must(TemporaryDirectory::create("unik-bundle-test-"));
    fs::path bundle = folder.path() / "web.unik";

    Result<void> write(const std::string& kernel, const json& record = document()) const {
        auto writer = UNIK_TRY(BundleWriter::create(bundle));
        UNIK_TRY(write_file(writer.staging() / "kernel.elf", kernel));
        UNIK_TRY(write_file(writer.staging() / "disk-qemu.qcow2", std::string_view("disk")));
        return writer.commit(record);
    }
    std::string kernel() const {
        return must(read_text_file(bundle / "kernel.elf", Bytes{1 << 20}));
    }
    // Names in the project's folder, to see what is left behind.
    std::vector<std::string> names() const {
        std::vector<std::string> out;
        for (const auto& entry : fs::directory_iterator(folder.path()))
            out.push_back(entry.path().filename().string());
        return out;
    }
    // The record with one change, in a bundle that is whole otherwise.
    std::string id_with(const std::function<void(json&)>& change) const {
        json record = json::parse(must(read_text_file(bundle / "image.json", Bytes{1 << 20})));
        change(record);
        must(write_file(bundle / "image.json", record.dump()));
        return id_of(open(bundle));
    }
};

TEST_CASE("a bundle is written, opened and verified") {
    const Project project;
    must(project.write("kernel"));
    const Image image = must(open(project.bundle));
    CHECK(image.name == "web");
    CHECK(image.memory == Bytes{64 << 20});
    CHECK(image.expose == std::vector<unikfile::Port>{{8080, unikfile::Protocol::tcp}});
    CHECK(image.disks.at("qemu") == "disk-qemu.qcow2");
    CHECK(image.digests.size() == 2);
    CHECK(image.document["extra"] == json({1, 2, 3}));
    must(verify(image, project.bundle));
    CHECK(project.names() == std::vector<std::string>{"web.unik"});
    CHECK((fs::status(project.bundle).permissions() & fs::perms::all) == fs::perms(0755));
}

TEST_CASE("a new bundle replaces the old one and leaves nothing beside it") {
    const Project project;
    must(project.write("old"));
    must(project.write("new"));
    CHECK(project.kernel() == "new");
    CHECK(project.names() == std::vector<std::string>{"web.unik"});
}

TEST_CASE("whoever looks while bundles are swapped always sees a whole one") {
    const Project project;
    must(project.write("0"));
    const pid_t child = ::fork();
    if (child == 0) {
        bool ok = true;
        for (int i = 1; i < 60; ++i)
            ok = ok && project.write(std::to_string(i)).ok();
        ::_exit(ok ? 0 : 1);
    }
    int status = 0;
    unsigned looks = 0;
    while (::waitpid(child, &status, WNOHANG) == 0) {
        // One folder, opened once: its files belong together whatever happens to its name.
        std::error_code error;
        REQUIRE(fs::exists(project.bundle / "image.json", error));
        ++looks;
    }
    CHECK(status == 0);
    CHECK(looks > 0);
    CHECK(project.kernel() == "59");
}

TEST_CASE("a writer that is destroyed before its commit leaves the old bundle") {
    const Project project;
    must(project.write("old"));
    {
        auto writer = must(BundleWriter::create(project.bundle));
        must(write_file(writer.staging() / "kernel.elf", std::string_view("new")));
    }
    CHECK(project.kernel() == "old");
    CHECK(project.names() == std::vector<std::string>{"web.unik"});
}

TEST_CASE("a killed build leaves the old bundle whole, and the next build cleans up after it") {
    const Project project;
    must(project.write("old"));
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        auto writer = BundleWriter::create(project.bundle);
        (void)write_file(writer->staging() / "kernel.elf", std::string_view("half"));
        (void)!::write(ready[1], "!", 1);
        ::pause();
        ::_exit(0);
    }
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    SUBCASE("while it lives, its folder is left alone") {
        must(project.write("mine"));
        CHECK(project.names().size() == 2);
    }
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(ready[0]);
    ::close(ready[1]);
    CHECK(project.names().size() == 2);
    must(verify(must(open(project.bundle)), project.bundle));
    must(project.write("new"));
    CHECK(project.kernel() == "new");
    CHECK(project.names() == std::vector<std::string>{"web.unik"});
}

TEST_CASE("only a bundle or an empty folder is replaced") {
    const Project project;
    SUBCASE("a folder with something else") {
        fs::create_directory(project.bundle);
        std::ofstream(project.bundle / "thesis.tex") << "years of work";
        CHECK(id_of(project.write("kernel")) == "not-a-bundle");
        CHECK(fs::exists(project.bundle / "thesis.tex"));
    }
    SUBCASE("a file") {
        std::ofstream(project.bundle) << "text";
        CHECK(id_of(project.write("kernel")) == "not-a-bundle");
    }
    SUBCASE("an empty folder") {
        fs::create_directory(project.bundle);
        must(project.write("kernel"));
        CHECK(project.kernel() == "kernel");
    }
    SUBCASE("a link to a bundle: the link stays") {
        must(project.write("old"));
        fs::rename(project.bundle, project.folder.path() / "real.unik");
        fs::create_directory_symlink("real.unik", project.bundle);
        must(project.write("new"));
        CHECK(fs::is_symlink(project.bundle));
        CHECK(project.kernel() == "new");
    }
}

TEST_CASE("a destination with a trailing slash or in a folder yet to be made is fine") {
    Project project;
    project.bundle = project.folder.path() / "deep" / "web.unik" / "";
    must(project.write("kernel"));
    CHECK(project.kernel() == "kernel");
}

TEST_CASE("a file system that takes no more leaves the old bundle") {
    const Project project;
    must(project.write("old"));
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{4096, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    const std::string id = id_of(project.write(std::string(10000, 'x')));
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    CHECK(id == "file-error");
    CHECK(project.kernel() == "old");
    CHECK(project.names() == std::vector<std::string>{"web.unik"});
}

TEST_CASE("verify names each file that is not the one that was built, with exit code 4") {
    const Project project;
    must(project.write("kernel"));
    const Image image = must(open(project.bundle));
    std::ofstream(project.bundle / "kernel.elf") << "Kernel";
    const auto result = verify(image, project.bundle);
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().exit_code == ExitCode::verification_refused);
    REQUIRE(result.error().diagnostics.size() == 1);
    CHECK(result.error().diagnostics[0].message.find("kernel.elf") != std::string::npos);
}

TEST_CASE("a record that is broken is refused") {
    const Project project;
    must(project.write("kernel"));
    CHECK(project.id_with([](json&) {}) == "no error");
    using Change = std::function<void(json&)>;
    const Change changes[] = {
        [](json& r) { r["schema"] = 2; },
        [](json& r) { r.erase("name"); },
        [](json& r) { r["memory"] = -1; },
        [](json& r) { r["memory"] = 0; },
        [](json& r) { r["memory"] = "64M"; },
        [](json& r) { r["cpus"] = 1000; },
        [](json& r) { r["expose"] = 8080; },
        [](json& r) { r["expose"] = {8080}; },
        [](json& r) { r["expose"][0]["port"] = 65536; },
        [](json& r) { r["expose"][0]["protocol"] = "sctp"; },
        [](json& r) { r["disks"]["qemu"] = "other.qcow2"; },
        [](json& r) { r["digests"].erase("kernel.elf"); },
        [](json& r) { r["digests"]["../../etc/passwd"] = r["digests"]["kernel.elf"]; },
        [](json& r) { r["digests"]["missing"] = r["digests"]["kernel.elf"]; },
        [](json& r) { r["digests"]["kernel.elf"] = "sha256:0"; },
        [](json& r) { r = json::array(); },
    };
    for (const Change& change : changes) {
        const Project broken;
        must(broken.write("kernel"));
        CHECK(broken.id_with(change) == "image-broken");
    }
}

TEST_CASE("a link in place of a file of the bundle is refused") {
    const Project project;
    must(project.write("kernel"));
    fs::remove(project.bundle / "kernel.elf");
    fs::create_symlink("/etc/passwd", project.bundle / "kernel.elf");
    CHECK(id_of(open(project.bundle)) == "image-broken");
}

TEST_CASE("what is no bundle is told apart from a broken one") {
    const Project project;
    CHECK(id_of(open(project.folder.path())) == "no-bundle");
    CHECK(id_of(open(project.folder.path() / "absent")) == "no-bundle");
}

TEST_CASE("JSON is read strictly") {
    const auto id = [](const std::string& text) { return id_of(parse_strictly(text, "x")); };
    CHECK(id(R"({"a": 1, "b": {"a": 2}})") == "no error");
    CHECK(id(R"({"a": 1, "a": 2})") == "image-broken");
    CHECK(id(R"([{"a": 1}, {"a": 1, "b": 1, "b": 1}])") == "image-broken");
    CHECK(id("{") == "image-broken");
    CHECK(id("") == "image-broken");
    CHECK(id("{} {}") == "image-broken");
    CHECK(id("\"\xff\"") == "image-broken");
    CHECK(id(std::string(31, '[') + std::string(31, ']')) == "no error");
    CHECK(id(std::string(1 << 20, '[')) == "image-broken");
    CHECK(id(std::string(1000, '[') + std::string(1000, ']')) == "image-broken");
}

} // namespace
} // namespace unik::bundle
