// Images that lie: whatever they say, reading ends, with euclean or with some bytes.
#include <doctest/doctest.h>

#include <cstring>
#include <random>

#include <stand_ins.hpp>

#include <vocabulary/erofs_layout.hpp>

#include "fixture.hpp"

using namespace os;
using test::MemorySource;
using test::ScratchFolder;
using vocabulary::erofs::DirectoryEntry;
using vocabulary::erofs::ExtendedInode;
using vocabulary::erofs::Superblock;

namespace {

std::vector<std::uint8_t> make_tree() {
    const ScratchFolder folder;
    folder.write("dir/sub/file", std::string(9000, 'f'));
    folder.write("dir/small", "small");
    folder.write("empty", "");
    for (int i = 0; i < 300; ++i)
        folder.write("many/name-" + std::to_string(i) + std::string(20, 'x'), "");
    std::filesystem::create_symlink("dir/small", folder.path() / "link");
    return test::make_image(folder.path(), "-Eforce-inode-extended");
}

const std::vector<std::uint8_t>& tree_image() {
    static const std::vector<std::uint8_t> image = make_tree();
    return image;
}

Superblock& superblock(std::vector<std::uint8_t>& image) {
    return *reinterpret_cast<Superblock*>(image.data() + 1024);
}

ExtendedInode& inode(std::vector<std::uint8_t>& image, std::uint64_t node) {
    return *reinterpret_cast<ExtendedInode*>(image.data() + superblock(image).meta_block * 4096 +
                                             node * 32);
}

std::uint64_t number_of(const std::string& path) {
    MemorySource source(tree_image());
    const Ref<vfs::Inode> root = test::mount(source).value();
    return test::walk(root, path).value()->number();
}

// The entry in a directory whose content lies behind its inode.
DirectoryEntry& entry(std::vector<std::uint8_t>& image, const std::string& directory,
                      std::size_t index) {
    auto* entries = reinterpret_cast<DirectoryEntry*>(
        reinterpret_cast<std::uint8_t*>(&inode(image, number_of(directory))) +
        sizeof(ExtendedInode));
    return entries[index];
}

// Everything that can be asked of a tree, within bounds: a loop would be endless.
struct Visitor {
    std::size_t visited = 0;
    std::size_t failures = 0;

    void visit_contents(vfs::Inode& inode) {
        std::uint8_t buffer[5000];
        for (const std::uint64_t offset : {std::uint64_t{0}, inode.size() / 2, inode.size() - 1})
            failures += inode.read_at({buffer, sizeof buffer}, offset).ok() ? 0 : 1;
        const Ref<memory::Pager> pager = inode.pager().value();
        for (const std::uint64_t page : {std::uint64_t{0}, inode.size() / 4096}) {
            const Result<PhysAddr> frame = pager->shared_page(page * 4096);
            if (frame.ok())
                pager->release_page(page * 4096, frame.value());
        }
    }
    void visit(const Ref<vfs::Inode>& inode, unsigned depth = 0) {
        if (++visited > 3000 || depth > 20)
            return;
        vfs::Stat status;
        CHECK(inode->status(status).ok());
        if (inode->is_regular())
            visit_contents(*inode);
        if (inode->is_symbolic_link())
            failures += inode->read_link().ok() ? 0 : 1;
        if (!inode->is_directory())
            return;
        const auto entries = test::read_directory(inode);
        if (!entries.ok()) {
            ++failures;
            return;
        }
        for (const auto& [name, kind] : entries.value()) {
            if (name == "." || name == "..")
                continue;
            const Result<Ref<vfs::Inode>> child = inode->lookup({name.data(), name.size()});
            if (child.ok())
                visit(child.value(), depth + 1);
            else
                ++failures;
        }
    }
};

Errno lookup_error(const std::vector<std::uint8_t>& image, const std::string& path) {
    MemorySource source(image);
    const Result<Ref<vfs::Inode>> root = test::mount(source);
    if (!root.ok())
        return root.error();
    const Result<Ref<vfs::Inode>> found = test::walk(root.value(), path);
    return found.ok() ? Errno{} : found.error();
}

} // namespace

TEST_CASE("a good tree is visited in full") {
    MemorySource source(tree_image());
    Visitor visitor;
    visitor.visit(test::mount(source).value());
    CHECK(visitor.visited == 308);
    CHECK(visitor.failures == 0);
}

TEST_CASE("a superblock that is none, or asks for what is not there, is refused") {
    const std::function<void(Superblock&)> changes[] = {
        [](Superblock& super) { super.magic = 0; },
        [](Superblock& super) { super.block_bits = 9; },
        [](Superblock& super) { super.directory_block_bits = 1; },
        [](Superblock& super) { super.incompatible_features = 1; },
        [](Superblock& super) { super.blocks = 0; },
        [](Superblock& super) { super.blocks = 0xffffffff; },
        [](Superblock& super) { super.meta_block = 0xffffffff; },
        [](Superblock& super) { super.root_node = 0xffff; },
    };
    for (const auto& change : changes) {
        std::vector<std::uint8_t> image = tree_image();
        change(superblock(image));
        CHECK(lookup_error(image, "") == Errno::euclean);
    }
    CHECK(lookup_error(std::vector<std::uint8_t>(4096), "") == Errno::euclean);
}

TEST_CASE("a root that is no directory is refused") {
    std::vector<std::uint8_t> image = tree_image();
    superblock(image).root_node = static_cast<std::uint16_t>(number_of("empty"));
    CHECK(lookup_error(image, "") == Errno::euclean);
}

TEST_CASE("inodes of unknown form, or with bytes outside the image, are refused") {
    const std::uint64_t file = number_of("dir/sub/file");
    // As many attributes as put the file's last 808 bytes across the end of a block.
    const std::uint64_t behind = file * 32 + sizeof(ExtendedInode);
    const auto slots = static_cast<std::uint16_t>((4096 - behind % 4096 - 400 - 12) / 4 + 1);
    REQUIRE(behind % 4096 < 3600);
    const std::function<void(ExtendedInode&)> changes[] = {
        [](ExtendedInode& node) { node.format = 0x8000 | 1; },
        [](ExtendedInode& node) { node.format = 1 | 1 << 1; }, // compressed
        [](ExtendedInode& node) { node.format = 1 | 4 << 1; }, // in chunks
        [](ExtendedInode& node) { node.mode = 0; },
        [](ExtendedInode& node) { node.first_block = 0xffffffff; },
        [](ExtendedInode& node) { node.size = 1ULL << 40; },
        [](ExtendedInode& node) { node.size = UINT64_MAX; },
        [](ExtendedInode& node) { node.size = 8192; }, // inline, without a tail
        [slots](ExtendedInode& node) { node.attribute_slots = slots; },
    };
    for (const auto& change : changes) {
        std::vector<std::uint8_t> image = tree_image();
        change(inode(image, file));
        CHECK(lookup_error(image, "dir/sub/file") == Errno::euclean);
    }
    std::vector<std::uint8_t> image = tree_image();
    inode(image, number_of("link")).size = 5000;
    CHECK(lookup_error(image, "link") == Errno::euclean);
}

TEST_CASE("names out of their block, or that are none, are refused") {
    for (const unsigned bad : {0U, 1U, 11U, 13U, 4096U, 65535U}) {
        const auto offset = static_cast<std::uint16_t>(bad);
        std::vector<std::uint8_t> image = tree_image();
        entry(image, "dir", 0).name_offset = offset;
        CHECK(lookup_error(image, "dir/sub/file") != Errno::eio);
        entry(image, "dir", 1).name_offset = offset;
        entry(image, "dir", 2).name_offset = offset;
        CHECK(lookup_error(image, "dir/sub/file") == Errno::euclean);
    }
}

TEST_CASE("directories that lead back to one above them, or to themselves, are refused") {
    for (const char* target : {"", "dir", "dir/sub", "many"}) {
        std::vector<std::uint8_t> image = tree_image();
        // dir holds ".", "..", "small" and "sub".
        entry(image, "dir", 3).node = number_of(target);
        MemorySource source(image);
        const Ref<vfs::Inode> root = test::mount(source).value();
        const Ref<vfs::Inode> dir = root->lookup("dir").value();
        const Ref<vfs::Inode> many = root->lookup("many").value();
        const Result<Ref<vfs::Inode>> sub = dir->lookup("sub");
        if (std::string(target) == "dir/sub")
            CHECK(sub.ok());
        else
            CHECK(sub.error() == Errno::euclean);
    }
}

TEST_CASE("a number of no inode is refused") {
    for (const std::uint64_t number : {UINT64_MAX, std::uint64_t{1} << 40, UINT64_MAX / 32}) {
        std::vector<std::uint8_t> image = tree_image();
        entry(image, "dir", 2).node = number;
        CHECK(lookup_error(image, "dir/small") == Errno::euclean);
    }
}

TEST_CASE("random damage never does harm") {
    std::mt19937 random(42);
    for (int round = 0; round < 1500; ++round) {
        std::vector<std::uint8_t> image = tree_image();
        const std::size_t flips = 1 + random() % 30;
        for (std::size_t i = 0; i < flips; ++i) {
            const std::size_t first = random() % 4 == 0 ? 1024 : 1152;
            image[first + random() % (image.size() - first)] = static_cast<std::uint8_t>(random());
        }
        MemorySource source(image);
        const Result<Ref<vfs::Inode>> root = test::mount(source);
        if (!root.ok())
            continue;
        Visitor visitor;
        visitor.visit(root.value());
    }
}

TEST_CASE("running out of memory anywhere is an error") {
    MemorySource source(tree_image());
    const Ref<vfs::Inode> root = test::mount(source).value();
    const std::size_t before = host::living_blocks();
    for (std::size_t allocations = 0; allocations < 8; ++allocations) {
        host::limit_allocations(allocations);
        const Result<Ref<vfs::Inode>> found = test::walk(root, "dir/sub/file");
        if (!found.ok())
            CHECK(found.error() == Errno::enomem);
        host::unlimited_memory();
    }
    CHECK(host::living_blocks() == before);
    CHECK(test::walk(root, "dir/sub/file").ok());
}
