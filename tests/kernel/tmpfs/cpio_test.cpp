#include <doctest/doctest.h>

#include <cstdio>
#include <cstring>
#include <deque>
#include <string>

#include <tmpfs/cpio.hpp>
#include <tmpfs/unpack.hpp>

using namespace os;
using tmpfs::ArchiveEntry;
using tmpfs::ArchiveReader;

namespace {

std::string padded(std::string text) {
    text.resize((text.size() + 3) / 4 * 4);
    return text;
}

std::string entry(const std::string& name, unsigned mode, const std::string& contents = "",
                  unsigned inode = 1, unsigned links = 1) {
    char header[111];
    std::snprintf(header, sizeof(header),
                  "070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X", inode, mode, 10U,
                  20U, links, 1000U, contents.size(), 0U, 0U, 0U, 0U, name.size() + 1, 0U);
    return padded(std::string(header) + name + '\0') + padded(contents);
}

const std::string k_trailer = entry("TRAILER!!!", 0);

Bytes bytes(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

struct Tree {
    std::deque<std::string> archives; // which the files refer to
    tmpfs::Tmpfs filesystem;
    Ref<tmpfs::Directory> root =
        try_make_ref<tmpfs::Directory>(filesystem, vfs::k_mode_directory | 0755U).value();

    Result<tmpfs::Unpacked> unpack(const std::string& archive) {
        return tmpfs::unpack(bytes(archives.emplace_back(archive)), filesystem, *root);
    }
    Ref<vfs::Inode> at(const std::string& path) {
        Ref<vfs::Inode> inode = root;
        for (std::size_t start = 0; inode && start < path.size();) {
            std::size_t end = path.find('/', start);
            end = end == std::string::npos ? path.size() : end;
            auto next = inode->lookup(StringView(path.data() + start, end - start));
            inode = next.ok() ? next.value() : Ref<vfs::Inode>();
            start = end + 1;
        }
        return inode;
    }
    std::string read(const std::string& path) {
        char buffer[100];
        const std::size_t got =
            at(path)->read_at({reinterpret_cast<std::uint8_t*>(buffer), sizeof(buffer)}, 0).value();
        return std::string(buffer, got);
    }
};

} // namespace

TEST_CASE("an archive's entries are read with all their fields") {
    const std::string archive = entry("./etc/hosts", 0100644, "127.0.0.1") + k_trailer;
    ArchiveReader reader(bytes(archive));
    ArchiveEntry found;
    REQUIRE(reader.next(found).value());
    CHECK(found.name == "etc/hosts");
    CHECK(found.mode == 0100644);
    CHECK(found.user == 10);
    CHECK(found.group == 20);
    CHECK(found.modified == 1000);
    CHECK(found.contents.size() == 9);
    CHECK_FALSE(reader.next(found).value());
}

TEST_CASE("files, directories and links are unpacked, directories made where they are missing") {
    Tree tree;
    const auto unpacked =
        tree.unpack(entry(".", 040700) + entry("app", 0100755, "program") +
                    entry("var/lib/data", 0100600, "some") + entry("var/lib", 040711) +
                    entry("link", 0120777, "app") + entry("dev/sda", 060600) + k_trailer);
    REQUIRE(unpacked.ok());
    CHECK(unpacked->files == 3);
    CHECK(unpacked->left_out == 1);
    CHECK(tree.read("app") == "program");
    CHECK(tree.read("var/lib/data") == "some");
    CHECK((tree.at("var/lib")->mode() & 07777) == 0711);
    CHECK((tree.root->mode() & 07777) == 0700);
    const String target = tree.at("link")->read_link().value();
    CHECK(std::string(target.data(), target.size()) == "app");
    CHECK_FALSE(tree.at("dev/sda"));
    CHECK(tree.at("app")->attributes().modified.value == 1000 * vfs::k_second);
}

TEST_CASE("names of one file share its contents, whichever brings them") {
    for (const bool first : {true, false}) {
        Tree tree;
        REQUIRE(tree.unpack(entry("one", 0100644, first ? "text" : "", 7, 2) +
                            entry("two", 0100644, first ? "" : "text", 7, 2) + k_trailer)
                    .ok());
        CHECK(tree.at("one").get() == tree.at("two").get());
        CHECK(tree.read("one") == "text");
        vfs::Stat status;
        REQUIRE(tree.at("two")->status(status).ok());
        CHECK(status.links == 2);
    }
}

TEST_CASE("an archive cut off anywhere is refused") {
    const std::string archive =
        entry("dir", 040755) + entry("dir/file", 0100644, "contents") + k_trailer;
    for (std::size_t size = 0; size + 4 < archive.size(); ++size) {
        Tree tree;
        CHECK(tree.unpack(archive.substr(0, size)).error() == Errno::einval);
    }
    Tree tree;
    CHECK(tree.unpack(archive).ok());
}

TEST_CASE("no name leads out of the root, and no byte of damage goes unseen or does harm") {
    for (const char* name : {"../x", "a/../../x", "a/..", "a//b", "a/./b"}) {
        Tree tree;
        CHECK(tree.unpack(entry(name, 0100644) + k_trailer).error() == Errno::einval);
    }
    Tree long_name;
    CHECK(long_name.unpack(entry(std::string(256, 'n'), 0100644) + k_trailer).error() ==
          Errno::einval);
    const std::string archive = entry("a/b", 0100644, "contents", 3, 2) + entry("c", 0120777, "a") +
                                entry("d", 040755) + k_trailer;
    for (std::size_t i = 0; i < archive.size(); ++i)
        for (const char damage : {'\0', 'F', '0', '/', '\xff'}) {
            std::string damaged = archive;
            damaged[i] = damage;
            Tree tree;
            (void)tree.unpack(damaged); // the sanitizers watch
        }
}

TEST_CASE("nothing is written below a file or through a link, nothing twice") {
    Tree tree;
    CHECK(tree.unpack(entry("f", 0100644) + entry("f/g", 0100644) + k_trailer).error() ==
          Errno::einval);
    CHECK(tree.unpack(entry("l", 0120777, "/etc") + entry("l/x", 0100644) + k_trailer).error() ==
          Errno::einval);
    Tree twice;
    CHECK(twice.unpack(entry("f", 0100644) + entry("f", 0100644) + k_trailer).error() ==
          Errno::einval);
}
