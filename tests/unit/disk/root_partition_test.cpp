// The root file system's partition, behind the EFI system partition.
#include "fixture.hpp"

#include <algorithm>

#include <disk/disk_reader.hpp>
#include <disk/image_reader.hpp>
#include <vocabulary/root_layout.hpp>

namespace unik::disk::test {
namespace {

constexpr std::size_t k_block = 4096;

struct RootFixture : Fixture {
    ByteVector image = ByteVector(37 * k_block, 0xaa);
    ByteVector hashes = ByteVector(k_block, 0xbb);
    Digest digest = Digest{1, 2, 3};

    Layout lay_out_root() const {
        return must(disk::lay_out(
            {kernel, record, "example", esp_size, RootPartition{image, hashes, digest}}));
    }
};

const Partition& root_of(const PartitionTable& table) {
    REQUIRE(table.partitions.size() == 3);
    return table.partitions[2];
}

void check_root(Content& content, const RootFixture& fixture) {
    const Partition root = root_of(must(read_partition_table(content)));
    ByteVector expected = fixture.image;
    expected.insert(expected.end(), fixture.hashes.begin(), fixture.hashes.end());
    const Range range{root.first * k_sector_size, (root.last - root.first + 1) * k_sector_size};
    CHECK(range.offset % k_block == 0);
    CHECK(read_range(content, range) == expected);
}

} // namespace

TEST_CASE("the root partition has the type of roots and the GUID that the kernel carries") {
    const RootFixture fixture;
    Layout layout = fixture.lay_out_root();
    const UnikDisk disk = must(read_unik_disk(layout));
    const Partition& root = root_of(disk.table);
    CHECK(to_text(root.type) == "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709");
    CHECK(std::equal(root.id.bytes.begin(), root.id.bytes.end(), fixture.digest.begin()));
    CHECK(root.first > disk.esp.last);
    CHECK(read_range(layout, disk.kernel_file) == fixture.kernel);
    check_root(layout, fixture);
}

TEST_CASE("sgdisk finds no fault in a table with a root partition") {
    const RootFixture fixture;
    Layout layout = fixture.lay_out_root();
    must(fixture.write(layout, "disk.raw", "raw"));
    const std::string raw = fixture.path("disk.raw").string();
    const Completed verified = tool({"sgdisk", "-v", raw});
    INFO(verified.output);
    CHECK(verified.output.find("No problems found") != std::string::npos);
    CHECK(verified.output.find("Warning") == std::string::npos);
    const Completed printed = tool({"sgdisk", "-p", raw});
    INFO(printed.output);
    CHECK(printed.output.find("8304  root") != std::string::npos);
}

TEST_CASE("another root gives other ids, no root the disk that it always was") {
    RootFixture fixture;
    const PartitionTable one =
        must(read_partition_table(*std::make_shared<Layout>(fixture.lay_out_root())));
    fixture.digest = Digest{4, 5, 6};
    const PartitionTable other =
        must(read_partition_table(*std::make_shared<Layout>(fixture.lay_out_root())));
    CHECK(one.disk != other.disk);
    CHECK(root_of(one).id != root_of(other).id);
    Layout without = must(fixture.lay_out());
    CHECK(must(read_partition_table(without)).partitions.size() == 2);
}

TEST_CASE("a partition of a size that was asked for has the root behind it") {
    RootFixture fixture;
    fixture.esp_size = Bytes{64ULL << 20};
    Layout layout = fixture.lay_out_root();
    const UnikDisk disk = must(read_unik_disk(layout));
    CHECK((disk.esp.last - disk.esp.first + 1) * k_sector_size == 64ULL << 20);
    check_root(layout, fixture);
}

TEST_CASE("the root comes through every container, and a larger disk") {
    const RootFixture fixture;
    for (const char* format : {"raw", "qcow2", "vmdk", "vdi", "vhd", "vhdx", "iso"}) {
        CAPTURE(format);
        Layout layout = fixture.lay_out_root();
        const std::string name = std::string("disk.") + format;
        must(fixture.write(layout, name, format));
        const Image image = must(Image::open(must(open_file(fixture.path(name)))));
        check_root(image.content(), fixture);
    }
    const auto disk = std::make_shared<Layout>(fixture.lay_out_root());
    const ContentPtr grown = must(grow_disk(disk, Bytes{64ULL << 20}));
    check_root(*grown, fixture);
}

} // namespace unik::disk::test
