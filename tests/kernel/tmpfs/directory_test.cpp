#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include <stand_ins.hpp>

#include <tmpfs/node.hpp>

using namespace os;
using vfs::Inode;

namespace {

Ref<tmpfs::Directory> make_root(tmpfs::Tmpfs& filesystem) {
    return try_make_ref<tmpfs::Directory>(filesystem, vfs::k_mode_directory | 0755U).value();
}

StringView view(const std::string& text) {
    return {text.data(), text.size()};
}

// Names in the order in which the directory tells them, through a small buffer.
std::vector<std::string> names(Inode& directory, std::size_t buffer_size = 100) {
    std::vector<std::string> out;
    std::vector<std::uint8_t> buffer(buffer_size);
    for (std::uint64_t cursor = Inode::k_first_entry;;) {
        vfs::DirectoryWriter writer({buffer.data(), buffer.size()});
        REQUIRE(directory.read_directory(cursor, writer).ok());
        if (writer.size() == 0)
            return out;
        for (std::size_t at = 0; at < writer.size();) {
            std::uint16_t size = 0;
            __builtin_memcpy(&size, &buffer[at + 16], sizeof size);
            out.emplace_back(reinterpret_cast<char*>(&buffer[at + 19]));
            at += size;
        }
        cursor = writer.last_cursor();
    }
}

} // namespace

TEST_CASE("a thousand names are found, told in order and removed") {
    tmpfs::Tmpfs filesystem;
    const Ref<tmpfs::Directory> root = make_root(filesystem);
    for (int i = 0; i < 1000; ++i)
        REQUIRE(root->create(view("f" + std::to_string(i)), vfs::k_mode_regular).ok());
    const auto all = names(*root);
    REQUIRE(all.size() == 1000);
    CHECK(all[0] == "f0");
    CHECK(all[999] == "f999");
    for (int i = 0; i < 1000; i += 2)
        REQUIRE(root->remove(view("f" + std::to_string(i))).ok());
    CHECK(names(*root).size() == 500);
    CHECK(root->lookup("f0").error() == Errno::enoent);
    CHECK(root->lookup("f1").ok());
}

TEST_CASE("a removed file lives as long as somebody holds it, and knows its last name") {
    const std::size_t before = host::living_blocks();
    {
        tmpfs::Tmpfs filesystem;
        const Ref<tmpfs::Directory> root = make_root(filesystem);
        const Ref<Inode> file = root->create("name", vfs::k_mode_regular).value();
        REQUIRE(root->remove("name").ok());
        CHECK(file->removed());
        CHECK(file->parent() == nullptr);
        CHECK(file->name() == "name");
        REQUIRE(root->link("again", *file).ok());
        CHECK_FALSE(file->removed());
        CHECK(file->name() == "again");
    }
    CHECK(host::living_blocks() == before);
}

TEST_CASE("directories are removed only when they are empty") {
    tmpfs::Tmpfs filesystem;
    const Ref<tmpfs::Directory> root = make_root(filesystem);
    const Ref<Inode> inner = root->create("d", vfs::k_mode_directory).value();
    REQUIRE(inner->create("f", vfs::k_mode_regular).ok());
    CHECK(root->remove("d").error() == Errno::eisdir);
    CHECK(root->remove_directory("d").error() == Errno::enotempty);
    REQUIRE(inner->remove("f").ok());
    CHECK(root->remove_directory("d").ok());
    CHECK(inner->create("g", vfs::k_mode_regular).error() == Errno::enoent);
}

TEST_CASE("renaming replaces, refuses and exchanges") {
    const std::size_t before = host::living_blocks();
    {
        tmpfs::Tmpfs filesystem;
        const Ref<tmpfs::Directory> root = make_root(filesystem);
        const Ref<Inode> a = root->create("a", vfs::k_mode_regular).value();
        const Ref<Inode> b = root->create("b", vfs::k_mode_regular).value();
        const Ref<Inode> d = root->create("d", vfs::k_mode_directory).value();
        CHECK(root->rename("a", *root, "d", Inode::Replace::yes).error() == Errno::eisdir);
        CHECK(root->rename("d", *root, "a", Inode::Replace::yes).error() == Errno::enotdir);
        REQUIRE(root->rename("a", *root, "d", Inode::Replace::exchange).ok());
        CHECK(root->lookup("a").value().get() == d.get());
        CHECK(d->name() == "a");
        REQUIRE(root->rename("d", *root, "b", Inode::Replace::yes).ok());
        CHECK(b->removed());
        CHECK(root->lookup("b").value().get() == a.get());
        REQUIRE(root->rename("b", *d, "moved", Inode::Replace::yes).ok());
        CHECK(a->parent() == d.get());
        CHECK(names(*root) == std::vector<std::string>{"a"});
    }
    CHECK(host::living_blocks() == before);
}

TEST_CASE("without memory nothing changes") {
    tmpfs::Tmpfs filesystem;
    const Ref<tmpfs::Directory> root = make_root(filesystem);
    REQUIRE(root->create("a", vfs::k_mode_regular).ok());
    REQUIRE(root->create("b", vfs::k_mode_regular).ok());
    host::limit_allocations(0);
    CHECK_FALSE(root->create("c", vfs::k_mode_regular).ok());
    CHECK_FALSE(root->rename("a", *root, "b", Inode::Replace::yes).ok());
    host::unlimited_memory();
    CHECK(names(*root) == std::vector<std::string>{"a", "b"});
}
