#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <stand_ins.hpp>

#include <arch/paging.hpp>
#include <vfs/stat.hpp>

#include "fixture.hpp"

using namespace os;
using test::MemorySource;
using test::ScratchFolder;

namespace {

std::string content(std::size_t size, unsigned seed) {
    std::string out(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        out[i] = static_cast<char>((i * 31 + i / 4096 + seed) % 251);
    return out;
}

constexpr std::size_t k_sizes[] = {0,    1,    17,   4000,  4064,  4095,
                                   4096, 4097, 8192, 12000, 65536, 300001};

std::string name_of_size(std::size_t size) {
    return "sizes/file-" + std::to_string(size);
}

void write_sizes(const ScratchFolder& folder) {
    for (const std::size_t size : k_sizes)
        folder.write(name_of_size(size), content(size, static_cast<unsigned>(size)));
}

} // namespace

TEST_CASE("files of all sizes read as they are, with compact inodes and with extended ones") {
    for (const char* options :
         {"", "-Eforce-inode-compact", "-Eforce-inode-extended", "-Enoinline_data"}) {
        const ScratchFolder folder;
        write_sizes(folder);
        MemorySource source(test::make_image(folder.path(), options));
        const Ref<vfs::Inode> root = test::mount(source).value();
        for (const std::size_t size : k_sizes) {
            const Ref<vfs::Inode> file = test::walk(root, name_of_size(size)).value();
            CHECK(file->size() == size);
            CHECK(test::read_file(*file) == content(size, static_cast<unsigned>(size)));
            vfs::Stat status;
            REQUIRE(file->status(status).ok());
            CHECK(status.modified.seconds == 1234567890);
            CHECK((status.mode & vfs::k_mode_kind_mask) == vfs::k_mode_regular);
            CHECK(status.links == 1);
        }
    }
}

TEST_CASE("bytes from the middle and behind the end") {
    const ScratchFolder folder;
    write_sizes(folder);
    MemorySource source(test::make_image(folder.path()));
    const Ref<vfs::Inode> root = test::mount(source).value();
    const Ref<vfs::Inode> file = test::walk(root, name_of_size(12000)).value();
    const std::string expected = content(12000, 12000);
    for (const std::size_t offset : {0, 1, 4095, 4096, 8190, 11999, 12000, 20000}) {
        char buffer[5000];
        const std::size_t got =
            file->read_at({reinterpret_cast<std::uint8_t*>(buffer), sizeof buffer}, offset).value();
        CHECK(std::string(buffer, got) ==
              (offset < 12000 ? expected.substr(offset, sizeof buffer) : ""));
    }
}

TEST_CASE("who reads from front to back is read ahead for, and nobody else") {
    const ScratchFolder folder;
    folder.write("large", content(300000, 3));
    MemorySource source(test::make_image(folder.path()));
    const Ref<vfs::Inode> root = test::mount(source).value();
    const Ref<vfs::Inode> file = test::walk(root, "large").value();
    std::uint8_t byte = 0;
    for (const std::uint64_t page : {50, 10, 40, 5})
        REQUIRE(file->read_at({&byte, 1}, page * 4096).ok());
    CHECK(source.most_ahead == 0);
    for (std::uint64_t page = 6; page < 30; ++page)
        REQUIRE(file->read_at({&byte, 1}, page * 4096).ok());
    CHECK(source.most_ahead == 15);
}

TEST_CASE("hard links are one inode, made once while somebody refers to it") {
    const ScratchFolder folder;
    folder.write("one", "the same");
    std::filesystem::create_hard_link(folder.path() / "one", folder.path() / "two");
    MemorySource source(test::make_image(folder.path()));
    const Ref<vfs::Inode> root = test::mount(source).value();
    const Ref<vfs::Inode> one = root->lookup("one").value();
    const Ref<vfs::Inode> two = root->lookup("two").value();
    CHECK(one.get() == two.get());
    vfs::Stat status;
    REQUIRE(one->status(status).ok());
    CHECK(status.links == 2);
    CHECK(root->lookup("three").error() == Errno::enoent);
}

TEST_CASE("links tell where they lead, and special files what they are") {
    const ScratchFolder folder;
    std::filesystem::create_symlink("../else/where", folder.path() / "short");
    std::filesystem::create_symlink(std::string(4000, 'x'), folder.path() / "long");
    REQUIRE(::mknod((folder.path() / "tty").c_str(), S_IFCHR, makedev(5, 300)) == 0);
    REQUIRE(::chmod((folder.path() / "tty").c_str(), 0620) == 0); // whatever the umask
    REQUIRE(::mkfifo((folder.path() / "pipe").c_str(), 0600) == 0);
    MemorySource source(test::make_image(folder.path()));
    const Ref<vfs::Inode> root = test::mount(source).value();
    const auto target = [&root](const char* name) {
        const Ref<vfs::Inode> link = root->lookup(name).value();
        CHECK(link->is_symbolic_link());
        const String text = link->read_link().value();
        return std::string(text.data(), text.size());
    };
    CHECK(target("short") == "../else/where");
    CHECK(target("long") == std::string(4000, 'x'));
    vfs::Stat status;
    REQUIRE(root->lookup("tty").value()->status(status).ok());
    CHECK(status.mode == (vfs::k_mode_character | 0620));
    CHECK(status.special_device == makedev(5, 300));
    CHECK(root->lookup("pipe").value()->open(0).error() == Errno::enxio);
}

TEST_CASE("a directory of many names is listed in full and each name is found") {
    const ScratchFolder folder;
    std::set<std::string> names;
    for (int i = 0; i < 5000; ++i)
        names.insert("n" + std::to_string(i * 7919 % 5003) +
                     std::string(static_cast<std::size_t>(i % 40), 'x'));
    for (const std::string& name : names)
        folder.write("many/" + name, "");
    MemorySource source(test::make_image(folder.path()));
    const Ref<vfs::Inode> root = test::mount(source).value();
    const Ref<vfs::Inode> many = test::walk(root, "many").value();
    for (const std::size_t buffer : {400UL, 32768UL}) {
        const auto listed = test::read_directory(many, buffer).value();
        std::set<std::string> found;
        for (const auto& [name, kind] : listed)
            if (name != "." && name != "..") {
                CHECK(kind == 8); // DT_REG
                found.insert(name);
            }
        CHECK(listed.size() == names.size() + 2);
        CHECK(found == names);
    }
    for (const std::string& name : names)
        CHECK(many->lookup({name.data(), name.size()}).ok());
    source.holds = 0;
    CHECK(many->lookup("n2500-absent").error() == Errno::enoent);
    CHECK(source.holds < 15); // by halving
    for (const char* name : {"", "0", "n", "zzz", "n1"})
        CHECK(many->lookup(name).ok() == (names.count(name) != 0));
}

TEST_CASE("a deep path is left again without a deep stack") {
    const ScratchFolder folder;
    std::string path = "d";
    for (int i = 1; i < 300; ++i)
        path += "/d";
    std::filesystem::create_directories(folder.path() / path);
    MemorySource source(test::make_image(folder.path()));
    const Ref<vfs::Inode> root = test::mount(source).value();
    const std::size_t before = host::living_blocks();
    {
        const Ref<vfs::Inode> deepest = test::walk(root, path).value();
        CHECK(deepest->parent()->parent() != nullptr);
        CHECK(host::living_blocks() >= before + 600); // an inode and a name each
    }
    CHECK(host::living_blocks() == before);
}

TEST_CASE("mappings show the image's own pages, and one copy of a tail") {
    const ScratchFolder folder;
    folder.write("file", content(10000, 9));
    MemorySource source(test::make_image(folder.path()));
    const Ref<vfs::Inode> root = test::mount(source).value();
    const Ref<vfs::Inode> file = root->lookup("file").value();
    const Ref<memory::Pager> pager = file->pager().value();
    const std::string expected = content(10000, 9);
    const auto bytes = [](PhysAddr frame) {
        return static_cast<const char*>(arch::physical_pointer(frame));
    };
    const PhysAddr first = pager->shared_page(4096).value();
    CHECK(bytes(first) >= reinterpret_cast<const char*>(source.bytes()));
    CHECK(std::memcmp(bytes(first), expected.data() + 4096, 4096) == 0);
    CHECK(pager->shared_page(4096).value() == first);
    const PhysAddr tail = pager->shared_page(8192).value();
    CHECK(std::memcmp(bytes(tail), expected.data() + 8192, 10000 - 8192) == 0);
    for (std::size_t i = 10000 - 8192; i < 4096; ++i)
        REQUIRE(bytes(tail)[i] == 0);
    CHECK(pager->shared_page(8192).value() == tail);
    CHECK(pager->shared_page(12288).error() == Errno::eio);
    for (int i = 0; i < 2; ++i) {
        pager->release_page(4096, first);
        pager->release_page(8192, tail);
    }
}

TEST_CASE("what cannot be read is an error, after what can") {
    const ScratchFolder folder;
    folder.write("file", content(20480, 1));
    MemorySource source(test::make_image(folder.path(), "-Enoinline_data"));
    const Ref<vfs::Inode> root = test::mount(source).value();
    const Ref<vfs::Inode> file = root->lookup("file").value();
    std::uint64_t data = 0; // the file's first block
    while (std::memcmp(source.bytes() + data * 4096, content(4096, 1).data(), 4096) != 0)
        ++data;
    source.bad = {data + 2};
    std::vector<std::uint8_t> buffer(20480);
    CHECK(file->read_at({buffer.data(), buffer.size()}, 0).value() == 8192);
    CHECK(file->read_at({buffer.data(), buffer.size()}, 8192).error() == Errno::eio);
    CHECK(file->pager().value()->shared_page(8192).error() == Errno::eio);
    CHECK(file->read_at({buffer.data(), buffer.size()}, 12288).value() == 8192);
}

TEST_CASE("nothing changes in it") {
    const ScratchFolder folder;
    folder.write("file", "x");
    MemorySource source(test::make_image(folder.path()));
    const Ref<vfs::Inode> root = test::mount(source).value();
    CHECK(root->check_changeable().error() == Errno::erofs);
    CHECK(root->create("new", vfs::k_mode_regular).error() == Errno::erofs);
    vfs::FilesystemStatus status;
    REQUIRE(root->filesystem().status(status).ok());
    CHECK(status.type == 0xe0f5e1e2);
    CHECK(status.blocks_free == 0);
}
