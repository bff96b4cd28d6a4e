// What becomes a root, and where it lies. The image itself is looked at by others' tools in
// erofs_test.cpp.
#include <doctest/doctest.h>

#include <cstdlib>

#include <rootfs/rootfs.hpp>

#include "scratch.hpp"

using namespace unik;
using toolchain::CollectedFile;
using vocabulary::RootPlace;

TEST_CASE("the same files give the same bytes, and SOURCE_DATE_EPOCH is the only time") {
    const Scratch one;
    const Scratch two;
    const rootfs::RootFs first = one.build();
    const rootfs::RootFs second = two.build();
    CHECK(ByteVector(first.bytes().begin(), first.bytes().end()) ==
          ByteVector(second.bytes().begin(), second.bytes().end()));
    ::setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
    const rootfs::RootFs dated = one.build();
    ::unsetenv("SOURCE_DATE_EPOCH");
    CHECK(dated.bytes().size() == first.bytes().size());
    CHECK(ByteVector(dated.bytes().begin(), dated.bytes().end()) !=
          ByteVector(first.bytes().begin(), first.bytes().end()));
}

TEST_CASE("without files there is no root, and a folder in memory alone makes one") {
    const Scratch scratch;
    const auto none = rootfs::build({}, scratch.path());
    REQUIRE(none.ok());
    CHECK(none->place == RootPlace::none);
    CHECK(none->bytes().empty());
    CHECK(none->file_count == 0);

    toolchain::Application application;
    application.manifest.tmpfs = {{"/var/cache", Bytes{1 << 20}}};
    const auto folders = rootfs::build(application, scratch.path());
    REQUIRE(folders.ok());
    CHECK(folders->place == RootPlace::embedded);
    // /, five mount points, /etc with three links, /var, /var/cache
    CHECK(folders->file_count == 12);
}

TEST_CASE("a missing source and a file below a file are errors") {
    const Scratch scratch;
    toolchain::Application missing;
    missing.files = {{CollectedFile::Kind::regular, "/x", 0644, "/nonexistent/file", ""}};
    const auto first = rootfs::build(missing, scratch.path());
    REQUIRE_FALSE(first.ok());
    CHECK(first.error().diagnostics.at(0).id == "file-error");

    const auto path = scratch.write("x", "x");
    toolchain::Application nested;
    nested.files = {{CollectedFile::Kind::regular, "/x", 0644, path, ""},
                    {CollectedFile::Kind::regular, "/x/y", 0644, path, ""}};
    const auto second = rootfs::build(nested, scratch.path());
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().diagnostics.at(0).id == "rootfs-failed");
}

TEST_CASE("a name that no file can have and a source that is no file are errors") {
    const Scratch scratch;
    const auto path = scratch.write("x", "x");
    toolchain::Application longest;
    longest.files = {{CollectedFile::Kind::regular, "/" + std::string(256, 'n'), 0644, path, ""}};
    const auto first = rootfs::build(longest, scratch.path());
    REQUIRE_FALSE(first.ok());
    CHECK(first.error().diagnostics.at(0).id == "rootfs-failed");

    toolchain::Application folder;
    folder.files = {{CollectedFile::Kind::regular, "/x", 0644, scratch.path(), ""}};
    const auto second = rootfs::build(folder, scratch.path());
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().diagnostics.at(0).id == "not-a-file");
}

TEST_CASE("the Unikfile says where the root lies, and the reason names it") {
    const Scratch scratch;
    toolchain::Application application = scratch.application();
    application.manifest.root = unikfile::RootForm::disk;
    const auto disk = rootfs::build(application, scratch.path());
    REQUIRE(disk.ok());
    CHECK(disk->place == RootPlace::disk);
    CHECK(disk->reason.find("root: disk") != std::string::npos);
    CHECK(disk->hashes.root != Digest{});
    application.manifest.root = unikfile::RootForm::embedded;
    const auto embedded = rootfs::build(application, scratch.path());
    REQUIRE(embedded.ok());
    CHECK(embedded->place == RootPlace::embedded);
}

TEST_CASE("a root of up to 16 MiB is embedded, a larger one lies on the disk") {
    const Scratch scratch;
    const auto file = scratch.write("file", "");
    toolchain::Application application;
    application.files = {{CollectedFile::Kind::regular, "/file", 0644, file, ""}};
    constexpr std::uint64_t k_meta = 4096; // superblock and inodes
    const auto place_of = [&](std::uint64_t size) {
        std::filesystem::resize_file(file, size);
        auto root = rootfs::build(application, scratch.path());
        REQUIRE(root.ok());
        CHECK(root->bytes().size() == size + k_meta);
        CHECK(root->reason.find("16.0 MiB") != std::string::npos);
        CHECK(root->hashes.blocks.empty() == (root->place == RootPlace::embedded));
        return root->place;
    };
    CHECK(place_of(rootfs::k_largest_embedded.value - k_meta) == RootPlace::embedded);
    CHECK(place_of(rootfs::k_largest_embedded.value) == RootPlace::disk);
}
