// Files that are opened once: whatever happens to their names, they stay the same.
#include <fcntl.h>
#include <sys/stat.h>

#include <doctest/doctest.h>

#include <support/open_file.hpp>

#include "../results.hpp"

namespace unik {
namespace {

namespace fs = std::filesystem;

std::string content(const OpenFile& file) {
    const ByteVector bytes = must(file.read_all(Bytes{1 << 20}));
    return {bytes.begin(), bytes.end()};
}

struct Folder {
    TemporaryDirectory directory = must(TemporaryDirectory::create("unik-open-file-test-"));
    fs::path file = directory.path() / "file";
    Descriptor open{::open(directory.path().c_str(), O_RDONLY | O_DIRECTORY)};
    Folder() { must(write_file(file, std::string_view("first"))); }
};

TEST_CASE("a file that is replaced stays the one that was opened, also by its path") {
    const Folder folder;
    const OpenFile file = must(OpenFile::open(folder.file));
    must(write_file(folder.file, std::string_view("other"))); // by rename
    CHECK(content(file) == "first");
    CHECK(must(read_text_file(file.path(), Bytes{100})) == "first");
    CHECK(must(file.digest()) == sha256(must(file.read_all(Bytes{100}))));
}

TEST_CASE("a copy keeps what the file held, even when the file itself is written to") {
    const Folder folder;
    const OpenFile file = must(OpenFile::open(folder.file));
    const OpenFile::Copied copied = must(file.copy());
    const Descriptor writer(::open(folder.file.c_str(), O_WRONLY));
    REQUIRE(::pwrite(writer.get(), "OTHER", 5, 0) == 5);
    CHECK(content(file) == "OTHER");
    CHECK(content(copied.file) == "first");
    const std::string_view first = "first";
    CHECK(copied.digest ==
          sha256({reinterpret_cast<const std::uint8_t*>(first.data()), first.size()}));
}

TEST_CASE("nobody writes into a copy, whichever way it is opened") {
    const Folder folder;
    const OpenFile copy = must(must(OpenFile::open(folder.file)).copy()).file;
    const Descriptor again(::open(copy.path().c_str(), O_RDWR));
    if (again.is_open())
        CHECK(::pwrite(again.get(), "x", 1, 0) < 0);
    CHECK(::pwrite(copy.descriptor(), "x", 1, 0) < 0);
    CHECK(::ftruncate(copy.descriptor(), 0) != 0);
}

TEST_CASE("a copy of a sparse file is as long, and as sparse") {
    const Folder folder;
    REQUIRE(::truncate(folder.file.c_str(), 64 << 20) == 0);
    const OpenFile::Copied copied = must(must(OpenFile::open(folder.file)).copy());
    CHECK(copied.file.size() == Bytes{64 << 20});
    struct stat status {};
    REQUIRE(::fstat(copied.file.descriptor(), &status) == 0);
    CHECK(status.st_blocks * 512 < 1 << 20);
}

TEST_CASE("in a folder, links, pipes, folders and names that lead elsewhere are refused") {
    const Folder folder;
    fs::create_symlink("file", folder.directory.path() / "link");
    fs::create_directory(folder.directory.path() / "below");
    REQUIRE(::mkfifo((folder.directory.path() / "pipe").c_str(), 0600) == 0);
    for (const char* name :
         {"link", "below", "pipe", "..", ".", "", "below/../file", "/etc/passwd"})
        CHECK_FALSE(OpenFile::open_in(folder.open.get(), name, folder.directory.path()).ok());
    CHECK(OpenFile::open_in(folder.open.get(), "file", folder.directory.path()).ok());
}

TEST_CASE("a file that becomes shorter while it is read is an error") {
    const Folder folder;
    const OpenFile file = must(OpenFile::open(folder.file));
    REQUIRE(::truncate(folder.file.c_str(), 2) == 0);
    CHECK_FALSE(file.read_all(Bytes{100}).ok());
    CHECK_FALSE(file.digest().ok());
    CHECK_FALSE(file.copy().ok());
}

} // namespace
} // namespace unik
