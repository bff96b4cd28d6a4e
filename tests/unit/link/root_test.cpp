// Where the root file system lies in the kernel, and what the kernel is told of it.
#include "world.hpp"

TEST_CASE("an embedded root lies at a page's start, and its record says where") {
    World world;
    const rootfs::RootFs root = world.add_root(vocabulary::RootPlace::embedded);
    const Image image(linked(world));
    const auto record = image.read<vocabulary::RootRecord>(image.symbol("unik_root"));
    CHECK(record.place == vocabulary::RootPlace::embedded);
    CHECK(record.image % 4096 == 0);
    CHECK(record.image >= image.symbol("unik_rodata_start"));
    CHECK(record.image + record.size <= image.symbol("unik_rodata_end"));
    REQUIRE(record.size == root.bytes().size());
    CHECK(image.bytes(record.image, record.size) ==
          ByteVector(root.bytes().begin(), root.bytes().end()));
}

TEST_CASE("of a root on the disk the kernel carries size, digest and partition") {
    World world;
    const rootfs::RootFs root = world.add_root(vocabulary::RootPlace::disk);
    const link::Kernel kernel = linked(world);
    const Image image(kernel);
    const auto record = image.read<vocabulary::RootRecord>(image.symbol("unik_root"));
    CHECK(record.place == vocabulary::RootPlace::disk);
    CHECK(record.image == 0);
    CHECK(record.size == root.bytes().size());
    CHECK(std::equal(root.hashes.root.begin(), root.hashes.root.end(), record.root_digest));
    CHECK(std::equal(std::begin(record.partition), std::end(record.partition),
                     root.hashes.root.begin()));
    CHECK(image.symbol("unik_root_image") == 0);
}

TEST_CASE("without files the record says that there is no root") {
    World world;
    const Image image(linked(world));
    const auto record = image.read<vocabulary::RootRecord>(image.symbol("unik_root"));
    CHECK(record.place == vocabulary::RootPlace::none);
    CHECK(record.size == 0);
}
