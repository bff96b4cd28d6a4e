#include <doctest/doctest.h>

#include <string>

#include <vfs/static_tree.hpp>

#include "fixture.hpp"

using namespace os;

namespace {

std::string accepted;

void write_text(vfs::TextWriter& out) {
    for (int i = 0; i < 1000; ++i)
        out.add("line %d\n", i);
}
void write_target(vfs::TextWriter& out) {
    out.add("a/text");
}
Result<void> accept(StringView text) {
    accepted.assign(text.data(), text.size());
    return {};
}

constexpr vfs::StaticNode k_inner[] = {
    vfs::text_node("text", write_text),
    vfs::text_node("setting", write_target, accept),
};
constexpr vfs::StaticNode k_root[] = {
    vfs::directory_node("a", k_inner),
    vfs::link_node("link", write_target),
    vfs::empty_directory_node("empty"),
};

vfs::Filesystem g_filesystem("table");

} // namespace

TEST_CASE("a tree from a table is walked, read and written like any other") {
    test::enter_fresh_folder();
    static bool mounted = false;
    if (!mounted)
        REQUIRE(vfs::mount("/table", vfs::make_static_root(g_filesystem, k_root).value()).ok());
    mounted = true;
    CHECK(test::read("/table/link").substr(0, 14) == "line 0\nline 1\n");
    CHECK(test::read("/table/a/text").size() == 8890);
    CHECK(test::resolve("/table/a/..").value().get() == test::resolve("/table").value().get());
    CHECK(test::told_path(*test::resolve("/table/a/text").value()) == "/table/a/text");
    CHECK(test::resolve("/table/b").error() == Errno::enoent);
    CHECK(vfs::open("/table/a/text", vfs::k_open_write_only).error() == Errno::eacces);
    CHECK(test::write("/table/a/setting", "17").ok());
    CHECK(accepted == "17");
    CHECK(test::write("/table/new", "").error() == Errno::eacces);
    CHECK(test::make_directory("/table/empty/x").error() == Errno::eacces);
    std::uint8_t buffer[512];
    const auto directory = vfs::open("/table", 0).value();
    CHECK(directory->read_directory(MutableBytes(buffer)).value() == 24 + 24 + 24 + 24 + 32);
    CHECK(directory->read_directory(MutableBytes(buffer)).value() == 0);
}

TEST_CASE("names that were added later are found beside the table's") {
    static constinit List<vfs::AddedNode> added;
    const Ref<vfs::Inode> root = vfs::make_static_root(g_filesystem, k_root, &added).value();
    CHECK(root->lookup("late").error() == Errno::enoent);
    vfs::AddedNode late;
    late.node = vfs::text_node("late", write_target);
    added.push_back(late);
    const Ref<vfs::Inode> found = root->lookup("late").value();
    CHECK(found.get() == root->lookup("late").value().get());
    CHECK(root->lookup("a").ok());
    CHECK(root->lookup("later").error() == Errno::enoent);

    // The table's three entries and the added one, from any cursor on.
    std::uint8_t buffer[512];
    for (std::uint64_t cursor = 2; cursor < 8; ++cursor) {
        vfs::DirectoryWriter writer{MutableBytes(buffer)};
        CHECK(root->read_directory(cursor, writer).ok());
        CHECK(writer.last_cursor() == (cursor < 6 ? 6 : 0));
    }
    late.unlink();
}
