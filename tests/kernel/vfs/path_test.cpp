#include <doctest/doctest.h>

#include "fixture.hpp"

using namespace os;
using namespace test;
using vfs::FollowLast;

TEST_CASE("dots, slashes and the root are walked as POSIX says") {
    enter_fresh_folder();
    REQUIRE(make_directory("a").ok());
    REQUIRE(make_directory("a/b").ok());
    REQUIRE(write("a/file", "x").ok());
    const vfs::Inode* b = resolve("a/b").value().get();
    for (const char* path : {"a/b", "./a/./b", "a//b", "a/b/", "a/b/.", "a/b/../b", "a/../a/b"})
        CHECK(resolve(path).value().get() == b);
    CHECK(resolve("/").value().get() == vfs::root_directory().get());
    CHECK(resolve("/../..").value().get() == vfs::root_directory().get());
    CHECK(resolve("").error() == Errno::enoent);
    CHECK(resolve("a/missing").error() == Errno::enoent);
    CHECK(resolve("a/missing/x").error() == Errno::enoent);
    CHECK(resolve("a/file/").error() == Errno::enotdir);
    CHECK(resolve("a/file/x").error() == Errno::enotdir);
    CHECK(resolve("a/file/.").error() == Errno::enotdir);
}

TEST_CASE("names and paths have limits") {
    enter_fresh_folder();
    CHECK(make_directory(std::string(255, 'n')).ok());
    CHECK(make_directory(std::string(256, 'n')).error() == Errno::enametoolong);
    std::string path;
    while (path.size() < 4094)
        path += "./";
    CHECK(resolve(path).ok());
    CHECK(resolve(path + "./.").error() == Errno::enametoolong);
}

TEST_CASE("links are followed, but not in circles and not beyond the longest path") {
    enter_fresh_folder();
    REQUIRE(make_directory("d").ok());
    REQUIRE(write("d/file", "text").ok());
    REQUIRE(make_link("d", "l").ok());
    REQUIRE(make_link("../d/file", "d/up").ok());
    CHECK(read("l/up") == "text");
    CHECK(resolve("l", FollowLast::no).value()->is_symbolic_link());
    CHECK(resolve("l/", FollowLast::no).value()->is_directory());
    REQUIRE(make_link("circle", "circle").ok());
    CHECK(resolve("circle").error() == Errno::eloop);
    REQUIRE(make_link("./grow/x", "grow").ok());
    CHECK(resolve("grow").error() == Errno::eloop);
    REQUIRE(make_link(std::string(4000, '/') + "d", "long").ok());
    CHECK(resolve("long/" + std::string(100, 'x')).error() == Errno::enametoolong);
    std::string last = "d";
    for (int i = 0; i < 40; ++i) {
        const std::string name = "chain" + std::to_string(i);
        REQUIRE(make_link(last, name).ok());
        last = name;
    }
    CHECK(resolve("chain39").ok());
    REQUIRE(make_link("chain39", "chain40").ok());
    CHECK(resolve("chain40").error() == Errno::eloop);
}

TEST_CASE("a mounted file system is entered and left by its directory's name") {
    enter_fresh_folder();
    REQUIRE(write("/mnt/inner/file", "inner").ok());
    CHECK(resolve("/mnt/inner").value()->filesystem().device !=
          resolve("/mnt").value()->filesystem().device);
    CHECK(read("/mnt/inner/../inner/file") == "inner");
    CHECK(resolve("/mnt/inner/..").value().get() == resolve("/mnt").value().get());
    CHECK(told_path(*resolve("/mnt/inner/file").value()) == "/mnt/inner/file");
    CHECK(told_path(*resolve("/mnt/inner").value()) == "/mnt/inner");
    constexpr int here = vfs::k_at_working_directory;
    CHECK(vfs::remove_directory(here, "/mnt/inner").error() == Errno::ebusy);
    CHECK(vfs::rename(here, "/mnt/inner", here, "/mnt/x", vfs::Inode::Replace::yes).error() ==
          Errno::ebusy);
    CHECK(vfs::rename(here, "/mnt/inner/file", here, "/x", vfs::Inode::Replace::yes).error() ==
          Errno::exdev);
    CHECK(vfs::link(resolve("/mnt/inner/file").value(), here, "/x").error() == Errno::exdev);
}

TEST_CASE("paths are told of inodes, renamed and removed ones too") {
    enter_fresh_folder();
    CHECK(told_path(*vfs::root_directory()) == "/");
    REQUIRE(make_directory("old").ok());
    REQUIRE(write("old/file", "x").ok());
    const auto file = resolve("old/file").value();
    const std::string here = told_path(*vfs::working_directory());
    CHECK(told_path(*file) == here + "/old/file");
    constexpr int at = vfs::k_at_working_directory;
    REQUIRE(vfs::rename(at, "old", at, "new", vfs::Inode::Replace::yes).ok());
    CHECK(told_path(*file) == here + "/new/file");
    REQUIRE(vfs::remove_file(at, "new/file").ok());
    CHECK(told_path(*file) == here + "/new/file (deleted)");
}

TEST_CASE("start steps write files and the directories before them") {
    enter_fresh_folder();
    CHECK(write("/etc/deep/resolv.conf", "nameserver 10.0.2.3\n").ok());
    CHECK(read("/etc/deep/resolv.conf") == "nameserver 10.0.2.3\n");
    CHECK(write("/etc/deep/resolv.conf", "x").ok());
    CHECK(read("/etc/deep/resolv.conf") == "x");
    CHECK(vfs::read_file("/etc/deep/resolv.conf", 0).error() == Errno::efbig);
}

TEST_CASE("a directory descriptor is where relative paths begin") {
    enter_fresh_folder();
    REQUIRE(make_directory("d").ok());
    REQUIRE(write("d/file", "x").ok());
    const int directory = vfs::install(vfs::open("d", 0).value()).value();
    const int file = vfs::install(vfs::open("d/file", 0).value()).value();
    CHECK(vfs::open(directory, "file", 0, 0).ok());
    CHECK(vfs::open(directory, "../d/file", 0, 0).ok());
    CHECK(vfs::open(file, "x", 0, 0).error() == Errno::enotdir);
    CHECK(vfs::open(99, "x", 0, 0).error() == Errno::ebadf);
    CHECK(vfs::open(99, "/", 0, 0).ok());
    REQUIRE(vfs::close(directory).ok());
    REQUIRE(vfs::close(file).ok());
}
