#include <doctest/doctest.h>

#include <fake_frames.hpp>
#include <fake_waiting.hpp>
#include <stand_ins.hpp>

#include <root-disk/checked_image.hpp>
#include <root-disk/partition.hpp>

#include "disk_image.hpp"

using namespace os;
using root_disk::find_partition;
using root_disk::Guid;
using test::DiskImage;

namespace {

Guid wanted() {
    Guid guid;
    std::memcpy(guid.bytes, test::k_guid, sizeof guid.bytes);
    return guid;
}

} // namespace

TEST_CASE("a partition is found by its GUID, whatever the sectors' size") {
    for (const std::uint32_t sector : {512U, 4096U}) {
        DiskImage image(3, sector);
        const Result<root_disk::Partition> found = find_partition(image.disk, wanted());
        REQUIRE(found.ok());
        CHECK(found->offset == test::k_partition);
        CHECK(found->size == 4 * test::k_block);
        Guid other = wanted();
        ++other.bytes[15];
        CHECK(find_partition(image.disk, other).error() == Errno::enoent);
    }
}

TEST_CASE("a damaged table is no table; its copy at the disk's end serves") {
    DiskImage image(3);
    image.disk.bytes[512 + 20] ^= 1; // within the header's sums
    CHECK(find_partition(image.disk, wanted()).ok());
    image.disk.bytes[image.disk.bytes.size() - 512] ^= 1;
    CHECK(find_partition(image.disk, wanted()).error() == Errno::euclean);
}

TEST_CASE("entries that are not as the header's sum says are not believed") {
    DiskImage image(3);
    image.disk.bytes[2 * 512 + 128 + 33] ^= 1;
    image.disk.bytes[image.disk.bytes.size() - 9 * 512 + 128 + 33] ^= 1;
    CHECK(find_partition(image.disk, wanted()).error() == Errno::euclean);
}

TEST_CASE("a partition that leaves the disk is refused") {
    for (const auto& [first, last] :
         {std::pair<std::uint64_t, std::uint64_t>{320, 1ULL << 40}, {400, 399}, {0, UINT64_MAX}}) {
        DiskImage image(3);
        test::write_table(image.disk, 1, 2, first, last);
        test::write_table(image.disk, image.disk.sector_count() - 1, image.disk.sector_count() - 9,
                          first, last);
        CHECK(find_partition(image.disk, wanted()).error() == Errno::euclean);
    }
}

TEST_CASE("sizes of a table that cannot be are refused") {
    struct Case {
        std::size_t at;
        std::uint32_t value;
    };
    for (const auto& [at, value] : {Case{12, 91}, Case{12, 4000}, Case{80, 1U << 30}, Case{84, 64},
                                    Case{84, 1U << 31}, Case{72, UINT32_MAX}}) {
        DiskImage image(3);
        for (const std::uint64_t sector : {std::uint64_t{1}, image.disk.sector_count() - 1}) {
            std::uint8_t* header = image.disk.bytes.data() + sector * 512;
            std::memcpy(header + at, &value, sizeof value);
            const std::uint32_t none = 0;
            std::memcpy(header + 16, &none, sizeof none);
            const std::uint32_t sum = test::crc32(header, 92);
            std::memcpy(header + 16, &sum, sizeof sum);
        }
        CHECK(find_partition(image.disk, wanted()).error() == Errno::euclean);
    }
}

TEST_CASE("a disk that cannot be read is not one without a table") {
    DiskImage image(3);
    image.disk.bad_sectors = {1};
    CHECK(find_partition(image.disk, wanted()).error() == Errno::eio);
}

TEST_CASE("a GUID is written as people write it") {
    CHECK(std::string(root_disk::to_text(wanted()).text) == "44332211-6655-8877-99aa-bbccddeeff01");
}

using root_disk::CheckedImage;
using test::k_block;

namespace {

// A tree of three levels needs more than 128 * 128 blocks.
constexpr std::size_t k_large = 16385;
DiskImage& large_image() {
    static DiskImage image(k_large);
    return image;
}

struct Reader {
    explicit Reader(DiskImage& image_, std::uint64_t limit = 1000)
        : image(image_), checked(image_.disk, {test::k_partition, 0}, image_.image.size() / k_block,
                                 image_.root, limit) {
        host::warnings.clear();
    }
    ~Reader() {
        checked.pages().reclaim(SIZE_MAX);
        checked.tree_pages().reclaim(SIZE_MAX);
        CHECK(host::living_frames == 0);
    }
    // Whether the block can be had and is the image's.
    bool reads(std::uint64_t block, std::uint64_t ahead = 0) {
        const Result<PhysAddr> frame = checked.hold(block, ahead);
        if (!frame.ok()) {
            CHECK(frame.error() == Errno::eio);
            return false;
        }
        CHECK(std::memcmp(host::frame_bytes(frame.value()), image.image.data() + block * k_block,
                          k_block) == 0);
        checked.release(block, frame.value());
        return true;
    }

    DiskImage& image;
    CheckedImage checked;
};

} // namespace

TEST_CASE("all blocks of a good disk can be had") {
    for (const std::size_t blocks : {1, 2, 127, 128, 129, 300}) {
        DiskImage image(blocks);
        Reader reader(image);
        for (std::size_t block = 0; block < blocks; ++block)
            REQUIRE(reader.reads(block, block % 20));
        CHECK(host::warnings.empty());
    }
    Reader reader(large_image());
    for (std::size_t block = 0; block < k_large; block += 512)
        REQUIRE(reader.reads(block, 3));
    CHECK(host::warnings.empty());
}

TEST_CASE("a flipped bit in a block makes that one fail, by its number, and no other") {
    DiskImage image(300);
    image.disk.bytes[test::k_partition + 200 * k_block + 4095] ^= 0x80;
    Reader reader(image);
    for (std::size_t block = 180; block < 220; ++block)
        CHECK(reader.reads(block, 15) == (block != 200));
    REQUIRE(host::warnings.size() == 1);
    CHECK(host::warnings[0].find("block 200 of the root file system ") != std::string::npos);
    CHECK_FALSE(reader.reads(200)); // not kept either
}

TEST_CASE("a flipped bit in the tree takes those away that it vouches for") {
    DiskImage image(300); // the top, then three blocks of digests
    image.disk.bytes[image.tree_start + 2 * k_block + 5] ^= 1;
    Reader reader(image);
    CHECK(reader.reads(127));
    CHECK_FALSE(reader.reads(128));
    CHECK_FALSE(reader.reads(255));
    CHECK(reader.reads(256));
    REQUIRE_FALSE(host::warnings.empty());
    CHECK(host::warnings[0].find("block 2 of the root file system's hash tree") !=
          std::string::npos);
}

TEST_CASE("a flipped bit in the top, or another root, leaves nothing to be had") {
    DiskImage image(300);
    image.disk.bytes[image.tree_start] ^= 1;
    Reader reader(image);
    for (const std::size_t block : {0, 150, 299})
        CHECK_FALSE(reader.reads(block));
    DiskImage other(1);
    other.root.bytes[0] ^= 1;
    Reader second(other);
    CHECK_FALSE(second.reads(0));
}

TEST_CASE("a tree that was made for other data is not believed, though it fits together") {
    DiskImage image(300);
    DiskImage other(299);
    other.image.resize(image.image.size());
    Sha256Digest root;
    const test::Bytes tree = test::hash_tree(other.image, root);
    std::memcpy(image.disk.bytes.data() + test::k_partition, other.image.data(),
                other.image.size());
    std::memcpy(image.disk.bytes.data() + image.tree_start, tree.data(), tree.size());
    Reader reader(image);
    CHECK_FALSE(reader.reads(0));
    CHECK_FALSE(reader.reads(299));
}

TEST_CASE("a disk that fails is asked again for the block itself, and fails for that alone") {
    DiskImage image(300);
    image.disk.bad_sectors = {(test::k_partition + 9 * k_block) / 512};
    Reader reader(image);
    CHECK(reader.reads(8, 15));
    CHECK_FALSE(reader.reads(9, 15));
    CHECK(reader.reads(10, 15));
}

TEST_CASE("with hardly any memory, all blocks can be had one after the other") {
    Reader reader(large_image(), 2);
    for (std::size_t block = 0; block < k_large; block += 1000)
        CHECK(reader.reads(block, 15));
    CHECK(reader.checked.pages().size() <= 20);
}

TEST_CASE("running out of memory is an error, and nothing is left behind") {
    DiskImage image(300);
    Reader reader(image);
    for (std::size_t frames = 0; frames < 3; ++frames) {
        host::frames_left = frames;
        CHECK(reader.checked.hold(5, 0).error() == Errno::enomem);
        reader.checked.tree_pages().reclaim(SIZE_MAX);
    }
    host::frames_left = SIZE_MAX;
    CHECK(reader.reads(5));
}
