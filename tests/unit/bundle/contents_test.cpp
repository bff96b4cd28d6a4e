// Bundles from others: whatever lies in them, they agree with their record or are refused.
#include <fstream>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bundle/contents.hpp>

#include "../results.hpp"

namespace unik::bundle {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

bool nothing_wanted(const Image&, const std::string&) {
    return false;
}

struct Project {
    TemporaryDirectory folder = must(TemporaryDirectory::create("unik-contents-test-"));
    fs::path bundle = folder.path() / "web.unik";

    Project() {
        auto writer = must(BundleWriter::create(bundle));
        must(write_file(writer.staging() / "kernel.elf", std::string_view("kernel")));
        must(write_file(writer.staging() / "kernel.debug", std::string_view("debug")));
        must(write_file(writer.staging() / "disk-qemu.qcow2", std::string_view("disk")));
        must(writer.commit({{"schema", 1},
                            {"name", "web"},
                            {"version", "1.0"},
                            {"language", "c"},
                            {"memory", 64 << 20},
                            {"cpus", 1},
                            {"expose", json::array()},
                            {"disks", {{"qemu", "disk-qemu.qcow2"}}}}));
    }
    // "id name, id name", or "no error".
    std::string found() const {
        const auto verified = must(Contents::open(bundle)).verify(nothing_wanted);
        if (verified.ok())
            return "no error";
        CHECK(verified.error().exit_code == ExitCode::verification_refused);
        std::string out;
        for (const Diagnostic& diagnostic : verified.error().diagnostics) {
            const std::string& message = diagnostic.message;
            const std::size_t start = message.find(bundle.string()) + bundle.string().size() + 1;
            out += (out.empty() ? "" : ", ") + diagnostic.id + " " +
                   message.substr(start, message.find('\'', start) - start);
        }
        return out;
    }
};

TEST_CASE("an untouched bundle agrees with its record, signed or not") {
    const Project project;
    CHECK(project.found() == "no error");
    must(write_file(project.bundle / "image.json.minisig", std::string_view("x")));
    must(write_file(project.bundle / "image.json.sig", std::string_view("x")));
    CHECK(project.found() == "no error");
    const Contents contents = must(Contents::open(project.bundle));
    CHECK(contents.name() == "web");
    CHECK(must(contents.signature(".minisig")).has_value());
    CHECK_FALSE(must(contents.signature(".asc")).has_value());
}

TEST_CASE("each file that was changed, added or renamed or is missing is named") {
    const Project project;
    must(write_file(project.bundle / "kernel.debug", std::string_view("Debug")));
    fs::rename(project.bundle / "disk-qemu.qcow2", project.bundle / "disk-other.qcow2");
    fs::remove(project.bundle / "kernel.elf");
    must(write_file(project.bundle / ".hidden", std::string_view("x")));
    CHECK(project.found() == "digest-mismatch kernel.debug, renamed-file disk-other.qcow2, "
                             "missing-file kernel.elf, unexpected-file .hidden");
}

TEST_CASE("two files that changed places are both named") {
    const Project project;
    fs::rename(project.bundle / "kernel.elf", project.bundle / "x");
    fs::rename(project.bundle / "kernel.debug", project.bundle / "kernel.elf");
    fs::rename(project.bundle / "x", project.bundle / "kernel.debug");
    CHECK(project.found() == "digest-mismatch kernel.debug, digest-mismatch kernel.elf");
}

TEST_CASE(
    "links, pipes and folders in a bundle are refused, also where they hold the right bytes") {
    const Project project;
    fs::rename(project.bundle / "kernel.elf", project.folder.path() / "kernel.elf");
    fs::create_symlink("../kernel.elf", project.bundle / "kernel.elf");
    CHECK(project.found() == "not-a-file kernel.elf");
    fs::create_directory(project.bundle / "folder");
    REQUIRE(::mkfifo((project.bundle / "pipe").c_str(), 0600) == 0);
    fs::create_symlink("/etc/passwd", project.bundle / "link");
    CHECK(project.found() == "not-a-file kernel.elf, unexpected-file folder, unexpected-file link, "
                             "unexpected-file pipe");
}

TEST_CASE("a record or a signature that is a link is refused") {
    const Project project;
    fs::rename(project.bundle / "image.json", project.folder.path() / "image.json");
    fs::create_symlink("../image.json", project.bundle / "image.json");
    fs::create_symlink("../image.json", project.bundle / "image.json.minisig");
    const auto opened = Contents::open(project.bundle);
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.error().exit_code == ExitCode::verification_refused);
    fs::remove(project.bundle / "image.json");
    fs::rename(project.folder.path() / "image.json", project.bundle / "image.json");
    const Contents contents = must(Contents::open(project.bundle));
    const auto signature = contents.signature(".minisig");
    REQUIRE_FALSE(signature.ok());
    CHECK(signature.error().exit_code == ExitCode::verification_refused);
}

TEST_CASE(
    "a record that names files elsewhere, or its own signature, is refused with exit code 4") {
    const Project project;
    const std::string text = must(read_text_file(project.bundle / "image.json", Bytes{1 << 20}));
    for (const char* name :
         {"../kernel.elf", "/etc/passwd", "..", "image.json", "image.json.minisig", "a/b"}) {
        json record = json::parse(text);
        record["digests"][name] = record["digests"]["kernel.elf"];
        must(write_file(project.bundle / "image.json", record.dump()));
        const auto verified = must(Contents::open(project.bundle)).verify(nothing_wanted);
        REQUIRE_FALSE(verified.ok());
        CHECK(verified.error().diagnostics.at(0).id == "image-broken");
        CHECK(verified.error().exit_code == ExitCode::verification_refused);
    }
}

TEST_CASE("what was verified is what is used, whatever is put in its place meanwhile") {
    const Project project;
    const Contents contents = must(Contents::open(project.bundle));
    // The whole bundle is exchanged after it was opened: the opened one counts.
    fs::rename(project.bundle, project.folder.path() / "away");
    fs::create_directory(project.bundle);
    must(write_file(project.bundle / "kernel.elf", std::string_view("evil")));
    const auto wants_kernel = [](const Image&, const std::string& name) {
        return name == "kernel.elf";
    };
    const Verified verified = must(contents.verify(wants_kernel));
    // The file is exchanged, and the old one written to, after it was verified.
    std::ofstream(project.folder.path() / "away/kernel.elf") << "writes";
    must(write_file(project.folder.path() / "away/kernel.elf", std::string_view("evil")));
    REQUIRE(verified.files.size() == 1);
    const OpenFile& kernel = verified.files.at("kernel.elf");
    CHECK(must(read_text_file(kernel.path(), Bytes{100})) == "kernel");
}

TEST_CASE("a place that is no bundle is told apart from one that is refused") {
    const Project project;
    for (const fs::path& path :
         {project.folder.path(), project.bundle / "kernel.elf", fs::path("/nowhere")}) {
        const auto opened = Contents::open(path);
        REQUIRE_FALSE(opened.ok());
        CHECK(opened.error().diagnostics.at(0).id == "no-bundle");
        CHECK(opened.error().exit_code == ExitCode::failure);
    }
}

} // namespace
} // namespace unik::bundle
