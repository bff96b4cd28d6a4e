// The hash tree, checked by dm-verity's own tool.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <rootfs/hash_tree.hpp>
#include <support/process.hpp>

#include "scratch.hpp"

using namespace unik;

namespace {

constexpr std::size_t k_block = 4096;

ByteVector image_of(std::size_t blocks) {
    ByteVector image(blocks * k_block);
    for (std::size_t i = 0; i < image.size(); ++i)
        image[i] = static_cast<std::uint8_t>(i * 7 + i / k_block);
    return image;
}

rootfs::HashTree tree_of(const ByteVector& image) {
    std::vector<Digest> digests;
    for (std::size_t at = 0; at < image.size(); at += k_block)
        digests.push_back(sha256(ByteSpan(image).subspan(at, k_block)));
    return rootfs::make_hash_tree(digests);
}

int verify(const Scratch& scratch, const ByteVector& image, const rootfs::HashTree& tree) {
    ByteVector partition = image;
    partition.insert(partition.end(), tree.blocks.begin(), tree.blocks.end());
    const std::string path = scratch.write("partition", ByteSpan(partition));
    Command command;
    command.arguments = {"veritysetup",
                         "verify",
                         path,
                         path,
                         to_hex(tree.root),
                         "--no-superblock",
                         "--format=1",
                         "--hash=sha256",
                         "--salt=-",
                         "--data-block-size=4096",
                         "--hash-block-size=4096",
                         fmt::format("--data-blocks={}", image.size() / k_block),
                         fmt::format("--hash-offset={}", image.size())};
    const auto done = run(command);
    REQUIRE(done.ok());
    return done->exit_status;
}

} // namespace

TEST_CASE("dm-verity verifies trees of one, two and three levels, and finds a changed bit") {
    const Scratch scratch;
    for (const std::size_t blocks : {std::size_t{2}, std::size_t{127}, std::size_t{128},
                                     std::size_t{129}, std::size_t{1000}, std::size_t{16'500}}) {
        CAPTURE(blocks);
        ByteVector image = image_of(blocks);
        const rootfs::HashTree tree = tree_of(image);
        CHECK(verify(scratch, image, tree) == 0);
        image.at(image.size() / 2 + 5) ^= 4;
        CHECK(verify(scratch, image, tree) != 0);
    }
}

TEST_CASE("an image of one block has no tree, and its digest is the root's") {
    const ByteVector image = image_of(1);
    const rootfs::HashTree tree = tree_of(image);
    CHECK(tree.blocks.empty());
    CHECK(tree.root == sha256(image));
}
