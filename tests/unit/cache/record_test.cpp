#include <cache/record.hpp>

#include <filesystem>

#include <doctest/doctest.h>

#include <support/file.hpp>

namespace {

namespace fs = std::filesystem;
using namespace unik::cache;

struct Folder {
    unik::TemporaryDirectory folder =
        std::move(unik::TemporaryDirectory::create("unik-test-")).value();
    fs::path path(const std::string& name) const { return folder.path() / name; }
    void write(const std::string& name, std::string_view text) const {
        REQUIRE(unik::write_file(path(name), text).ok());
    }
};

} // namespace

TEST_CASE("where one text ends and the next begins counts in a digest") {
    CHECK(Digester().add("ab").add("c").finish() != Digester().add("a").add("bc").finish());
    CHECK(Digester().add("a").finish() != Digester().add("a").add("").finish());
}

TEST_CASE("a file that nobody touched is the one that was seen") {
    const Folder folder;
    folder.write("file", "text");
    const auto seen = observe(folder.path("file"));
    REQUIRE(seen);
    CHECK(is_untouched(*seen));
    CHECK(is_same(*seen));
}

TEST_CASE("a file written again with the same bytes is touched and yet the same") {
    const Folder folder;
    folder.write("file", "text");
    const auto seen = observe(folder.path("file"));
    folder.write("file", "text");
    REQUIRE(seen);
    CHECK(!is_untouched(*seen));
    CHECK(is_same(*seen));
}

TEST_CASE("other bytes of the same length and with the old time are another file") {
    const Folder folder;
    folder.write("file", "text");
    const auto seen = observe(folder.path("file"));
    const auto time = fs::last_write_time(folder.path("file"));
    folder.write("file", "TEXT");
    fs::last_write_time(folder.path("file"), time);
    REQUIRE(seen);
    CHECK(!is_same(*seen));
}

TEST_CASE("a file that is gone is not the same") {
    const Folder folder;
    folder.write("file", "text");
    const auto seen = observe(folder.path("file"));
    fs::remove(folder.path("file"));
    REQUIRE(seen);
    CHECK(!is_untouched(*seen));
    CHECK(!is_same(*seen));
    CHECK(!observe(folder.path("file")));
}

TEST_CASE("a folder is the same for as long as the same names are in it") {
    const Folder folder;
    folder.write("one", "1");
    const auto seen = observe(folder.folder.path());
    REQUIRE(seen);
    folder.write("one", "2");
    CHECK(is_same(*seen));
    folder.write("two", "2");
    CHECK(!is_same(*seen));
}

TEST_CASE("a record is read as it was written") {
    const Record record{"aa", "bb", {{"/a b/c", "1:2", "cc"}}, {{"/out", "3:4", "-"}}};
    const auto text = to_text(record);
    REQUIRE(text);
    const auto read = parse(*text);
    REQUIRE(read);
    CHECK(read->given == "aa");
    CHECK(read->linked == "bb");
    REQUIRE(read->inputs.size() == 1);
    CHECK(read->inputs[0].path == "/a b/c");
    CHECK(read->inputs[0].stamp == "1:2");
    CHECK(read->inputs[0].digest == "cc");
    REQUIRE(read->outputs.size() == 1);
    CHECK(read->outputs[0].path == "/out");
}

TEST_CASE("a record that was cut anywhere, or holds something else, is none") {
    const Record record{"aa", "bb", {{"/a", "1:2", "cc"}}, {{"/out", "3:4", "-"}}};
    const std::string text = *to_text(record);
    for (std::size_t size = 0; size < text.size(); ++size)
        CHECK(!parse(text.substr(0, size)));
    CHECK(!parse(text + "more\n"));
    CHECK(!parse("unik-build 2\nend\n"));
    CHECK(!parse("unik-build 1\nother thing\nend\n"));
    CHECK(!to_text({"a", "b", {{"/with\nbreak", "1", "2"}}, {}}));
}
