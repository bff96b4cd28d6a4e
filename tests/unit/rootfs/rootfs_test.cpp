#include <doctest/doctest.h>

#include <cstdlib>

#include <rootfs/rootfs.hpp>
#include <support/process.hpp>

using namespace unik;
using toolchain::CollectedFile;

namespace {

std::filesystem::path write(const TemporaryDirectory& folder, const std::string& name,
                            std::string_view text) {
    const std::filesystem::path path = folder.path() / name;
    REQUIRE(write_file(path, text).ok());
    return path;
}

TemporaryDirectory scratch() {
    auto folder = TemporaryDirectory::create("unik-rootfs-");
    REQUIRE(folder.ok());
    return std::move(folder).value();
}

toolchain::Application application(const TemporaryDirectory& folder) {
    toolchain::Application out;
    out.files = {
        {CollectedFile::Kind::regular, "/srv/www/index.html", 0644,
         write(folder, "index.html", "<p>hello"), ""},
        {CollectedFile::Kind::symbolic_link, "/srv/current", 0777, "", "www"},
        {CollectedFile::Kind::directory, "/var/empty", 0700, "", ""},
        {CollectedFile::Kind::regular, "/etc/empty", 0600, write(folder, "empty", ""), ""},
    };
    return out;
}

std::string list(const TemporaryDirectory& folder, const ByteVector& archive) {
    const std::filesystem::path path = folder.path() / "archive.cpio";
    REQUIRE(write_file(path, ByteSpan(archive)).ok());
    Command command;
    command.arguments = {"busybox", "cpio", "-itv", "-F", path};
    command.environment = {{"TZ", "UTC"}};
    auto done = run_successfully(command, "list");
    REQUIRE(done.ok());
    return done->output;
}

std::string text_at(const ByteVector& bytes, std::size_t offset, std::size_t size) {
    return std::string(bytes.begin() + static_cast<std::ptrdiff_t>(offset),
                       bytes.begin() + static_cast<std::ptrdiff_t>(offset + size));
}

} // namespace

TEST_CASE("files, links and folders are archived in order with the folders above them") {
    const TemporaryDirectory folder = scratch();
    const auto rootfs = rootfs::build(application(folder));
    REQUIRE(rootfs.ok());
    const ByteVector& archive = rootfs.value().archive;
    CHECK(rootfs.value().file_count == 8);
    CHECK(text_at(archive, 0, 6) == "070701");
    CHECK(text_at(archive, 6, 8) == "00000001"); // inode
    CHECK(text_at(archive, 110, 4) == std::string("etc\0", 4));
    const std::string all(archive.begin(), archive.end());
    std::size_t position = 0;
    for (const char* name : {"etc", "etc/empty", "srv", "srv/current", "srv/www",
                             "srv/www/index.html", "var", "var/empty", "TRAILER!!!"}) {
        const std::size_t found = all.find(std::string(name) + '\0', position);
        CAPTURE(name);
        REQUIRE(found != std::string::npos);
        position = found;
    }
    CHECK(all.find("<p>hello") != std::string::npos);
}

TEST_CASE("others' tools read the archive") {
    const TemporaryDirectory folder = scratch();
    const auto rootfs = rootfs::build(application(folder));
    REQUIRE(rootfs.ok());
    const std::string listing = list(folder, rootfs.value().archive);
    CHECK(listing.find("srv/current -> www") != std::string::npos);
    CHECK(listing.find("-rw-------") != std::string::npos);
    CHECK(listing.find("drwx------") != std::string::npos);
}

TEST_CASE("the same files give the same bytes, and SOURCE_DATE_EPOCH is the only time") {
    const TemporaryDirectory one = scratch();
    const TemporaryDirectory two = scratch();
    const auto first = rootfs::build(application(one));
    const auto second = rootfs::build(application(two));
    REQUIRE(first.ok());
    REQUIRE(second.ok());
    CHECK(first.value().archive == second.value().archive);
    ::setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
    const auto dated = rootfs::build(application(one));
    ::unsetenv("SOURCE_DATE_EPOCH");
    REQUIRE(dated.ok());
    CHECK(dated.value().archive != first.value().archive);
    CHECK(text_at(dated.value().archive, 46, 8) == "6553f100"); // c_mtime
}

TEST_CASE("no files, no archive") {
    const auto rootfs = rootfs::build({});
    REQUIRE(rootfs.ok());
    CHECK(rootfs.value().archive.empty());
    CHECK(rootfs.value().file_count == 0);
}

TEST_CASE("a missing source and a file below a file are errors") {
    toolchain::Application missing;
    missing.files = {{CollectedFile::Kind::regular, "/x", 0644, "/nonexistent/file", ""}};
    const auto first = rootfs::build(missing);
    REQUIRE_FALSE(first.ok());
    CHECK(first.error().diagnostics.at(0).id == "file-error");

    const TemporaryDirectory folder = scratch();
    const auto path = write(folder, "x", "x");
    toolchain::Application nested;
    nested.files = {{CollectedFile::Kind::regular, "/x", 0644, path, ""},
                    {CollectedFile::Kind::regular, "/x/y", 0644, path, ""}};
    const auto second = rootfs::build(nested);
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().diagnostics.at(0).id == "rootfs-failed");
}
