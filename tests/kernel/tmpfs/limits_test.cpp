#include <doctest/doctest.h>

#include <string>

#include <stand_ins.hpp>

#include <tmpfs/configured_mount.hpp>
#include <tmpfs/node.hpp>

using namespace os;

TEST_CASE("a mount's record is a path and a number of bytes, which are rounded up to pages") {
    tmpfs::ConfiguredMount mount;
    REQUIRE(tmpfs::read_mount("/var/cache,4097", mount));
    CHECK(mount.path == "/var/cache");
    CHECK(mount.pages == 2);
    REQUIRE(tmpfs::read_mount("/a,b,0", mount));
    CHECK(mount.path == "/a,b");
    CHECK(mount.pages == 0);
}

TEST_CASE("what is no record of a mount is none") {
    tmpfs::ConfiguredMount mount;
    for (const char* record : {"", ",", "/", "/x", "/x,", "x,1", ",1", "/x,1k", "/x,-1",
                               "/x,18446744073709551616", "/x,99999999999999999999999"})
        CHECK_FALSE(tmpfs::read_mount(record, mount));
}

TEST_CASE("each file system has its own limit, and says what is left of it") {
    tmpfs::Tmpfs small(3);
    tmpfs::Tmpfs large(100);
    const std::string pages(2 * k_page_size, 'x');
    const Bytes bytes(reinterpret_cast<const std::uint8_t*>(pages.data()), pages.size());
    {
        tmpfs::RegularFile first(small, vfs::k_mode_regular);
        tmpfs::RegularFile second(small, vfs::k_mode_regular);
        tmpfs::RegularFile other(large, vfs::k_mode_regular);
        CHECK(first.write_at(bytes, 0).value() == bytes.size());
        CHECK(second.write_at(bytes, 0).value() == k_page_size);
        CHECK(second.write_at(bytes, k_page_size).error() == Errno::enospc);
        CHECK(other.write_at(bytes, 0).value() == bytes.size());
        vfs::FilesystemStatus status;
        REQUIRE(small.status(status).ok());
        CHECK(status.blocks == 3);
        CHECK(status.blocks_available == 0);
        REQUIRE(large.status(status).ok());
        CHECK(status.blocks_free == 98);
    }
    CHECK(small.pages.used == 0);
    CHECK(small.nodes == 0);
}

TEST_CASE("files without bytes have a limit too") {
    tmpfs::Tmpfs filesystem(10);
    filesystem.node_limit = 2;
    tmpfs::Directory root(filesystem, vfs::k_mode_directory);
    root.links = 2;
    REQUIRE(root.create("a", vfs::k_mode_regular).ok());
    CHECK(root.create("b", vfs::k_mode_regular).error() == Errno::enospc);
    CHECK(root.create_link("c", "target").error() == Errno::enospc);
    CHECK(root.create_unnamed(vfs::k_mode_regular, vfs::Inode::Linkable::no).error() ==
          Errno::enospc);
    REQUIRE(root.remove("a").ok());
    CHECK(root.create("b", vfs::k_mode_regular).ok());
}
