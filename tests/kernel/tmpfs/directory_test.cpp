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
        CHECK(file->parent() == root.get());
        CHECK(file->name() == "name");
        CHECK(root->link("again", *file).error() == Errno::enoent);
    }
    CHECK(host::living_blocks() == before);
}

TEST_CASE("a tree removed from below lives as long as its deepest directory is held") {
    const std::size_t before = host::living_blocks();
    {
        tmpfs::Tmpfs filesystem;
        const Ref<tmpfs::Directory> root = make_root(filesystem);
        constexpr int k_depth = 100'000; // recursion would not survive this
        Ref<Inode> deepest(root);
        for (int i = 0; i < k_depth; ++i)
            deepest = deepest->create("d", vfs::k_mode_directory).value();
        Ref<Inode> at(deepest);
        while (at->parent() != nullptr) {
            const Ref<Inode> above = Ref<Inode>::share(at->parent());
            REQUIRE(above->remove_directory("d").ok());
            at = above;
        }
        CHECK(at.get() == root.get());
        CHECK(deepest->removed());
        CHECK(deepest->parent()->removed());
        CHECK(host::living_blocks() > before + k_depth);
        deepest = Ref<Inode>();
        CHECK(host::living_blocks() < before + 10);
    }
    CHECK(host::living_blocks() == before);
}

TEST_CASE("a file without a name may get one, unless it is never to have any") {
    const std::size_t before = host::living_blocks();
    {
        tmpfs::Tmpfs filesystem;
        const Ref<tmpfs::Directory> root = make_root(filesystem);
        constexpr std::uint32_t k_mode = vfs::k_mode_regular | 0600;
        const Ref<Inode> file = root->create_unnamed(k_mode, Inode::Linkable::yes).value();
        CHECK(file->removed());
        CHECK(file->name() == "#2");
        REQUIRE(root->link("named", *file).ok());
        CHECK_FALSE(file->removed());
        REQUIRE(root->remove("named").ok());
        CHECK(root->link("again", *file).error() == Errno::enoent);
        const Ref<Inode> never = root->create_unnamed(k_mode, Inode::Linkable::no).value();
        CHECK(root->link("never", *never).error() == Errno::enoent);
    }
    CHECK(host::living_blocks() == before);
}

TEST_CASE("reading goes on where it stopped while names come and go") {
    tmpfs::Tmpfs filesystem;
    const Ref<tmpfs::Directory> root = make_root(filesystem);
    for (int i = 0; i < 10; ++i)
        REQUIRE(root->create(view("f" + std::to_string(i)), vfs::k_mode_regular).ok());
    std::uint8_t some[3 * 24];
    vfs::DirectoryWriter first({some, sizeof some});
    REQUIRE(root->read_directory(Inode::k_first_entry, first).ok());
    const std::uint64_t cursor = first.last_cursor(); // behind f2
    REQUIRE(root->remove("f2").ok());
    REQUIRE(root->remove("f3").ok());
    REQUIRE(root->create("late", vfs::k_mode_regular).ok());
    vfs::DirectoryWriter second({some, sizeof some});
    REQUIRE(root->read_directory(cursor, second).ok());
    CHECK(std::string(reinterpret_cast<char*>(some) + 19) == "f4");
    vfs::DirectoryWriter again({some, sizeof some});
    REQUIRE(root->read_directory(Inode::k_first_entry, again).ok());
    CHECK(std::string(reinterpret_cast<char*>(some) + 19) == "f0");
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
