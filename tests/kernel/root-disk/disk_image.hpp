// A disk with a partition table and, in a partition, an image of random blocks with its hash tree,
// made by the rules and not by the code that is tested.
#pragma once

#include <cstring>
#include <random>
#include <vector>

#include <fake_disk.hpp>
#include <sha256/sha256.hpp>

namespace test {

using Bytes = std::vector<std::uint8_t>;
inline constexpr std::size_t k_block = 4096;
inline constexpr std::size_t k_partition = 40 * k_block; // byte
inline constexpr std::uint8_t k_guid[16] = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
                                            0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x01};

inline os::Sha256Digest digest_of(const std::uint8_t* block) {
    return os::sha256({block, k_block});
}

// The tree from the top down, and the digest of its top (of a single block: that block's).
inline Bytes hash_tree(const Bytes& image, os::Sha256Digest& root) {
    std::vector<Bytes> levels{image};
    while (levels.back().size() > k_block) {
        Bytes level;
        for (std::size_t at = 0; at < levels.back().size(); at += k_block) {
            const os::Sha256Digest digest = digest_of(levels.back().data() + at);
            level.insert(level.end(), digest.bytes, digest.bytes + sizeof digest.bytes);
        }
        level.resize((level.size() + k_block - 1) / k_block * k_block);
        levels.push_back(std::move(level));
    }
    root = digest_of(levels.back().data());
    Bytes tree;
    for (std::size_t i = levels.size(); i-- > 1;)
        tree.insert(tree.end(), levels[i].begin(), levels[i].end());
    return tree;
}

inline std::uint32_t crc32(const std::uint8_t* bytes, std::size_t size) {
    std::uint32_t crc = ~0U;
    for (std::size_t i = 0; i < size; ++i) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ (0xedb88320U & (0U - (crc & 1)));
    }
    return ~crc;
}

template <typename T>
void put(std::vector<std::uint8_t>& bytes, std::size_t at, T value) {
    std::memcpy(bytes.data() + at, &value, sizeof value);
}

// One table: header in `sector`, entries of 128 bytes from `entries` on.
inline void write_table(host::FakeDisk& disk, std::uint64_t sector, std::uint64_t entries,
                        std::uint64_t first, std::uint64_t last) {
    const std::size_t size = disk.sector_size();
    Bytes table(4 * 128);
    table[128] = 1; // some type
    std::memcpy(table.data() + 128 + 16, k_guid, sizeof k_guid);
    put(table, 128 + 32, first);
    put(table, 128 + 40, last);
    Bytes header(92);
    std::memcpy(header.data(), "EFI PART", 8);
    put<std::uint32_t>(header, 8, 0x10000);
    put<std::uint32_t>(header, 12, 92);
    put<std::uint64_t>(header, 24, sector);
    put<std::uint64_t>(header, 72, entries);
    put<std::uint32_t>(header, 80, 4);
    put<std::uint32_t>(header, 84, 128);
    put<std::uint32_t>(header, 88, crc32(table.data(), table.size()));
    put<std::uint32_t>(header, 16, crc32(header.data(), header.size()));
    std::memcpy(disk.bytes.data() + sector * size, header.data(), header.size());
    std::memcpy(disk.bytes.data() + entries * size, table.data(), table.size());
}

struct DiskImage {
    explicit DiskImage(std::size_t blocks, std::uint32_t sector_size = 512)
        : image(blocks * k_block),
          disk((blocks + blocks / 64 + 64) * k_block / sector_size, sector_size, 64 * 1024) {
        std::mt19937 random(static_cast<unsigned>(blocks));
        for (std::uint8_t& byte : image)
            byte = static_cast<std::uint8_t>(random());
        const Bytes tree = hash_tree(image, root);
        tree_start = k_partition + image.size();
        std::memcpy(disk.bytes.data() + k_partition, image.data(), image.size());
        if (!tree.empty())
            std::memcpy(disk.bytes.data() + tree_start, tree.data(), tree.size());
        const std::uint64_t first = k_partition / sector_size;
        const std::uint64_t last = first + (image.size() + tree.size()) / sector_size - 1;
        write_table(disk, 1, 2, first, last);
        write_table(disk, disk.sector_count() - 1, disk.sector_count() - 9, first, last);
    }

    Bytes image;
    host::FakeDisk disk;
    os::Sha256Digest root;
    std::size_t tree_start = 0;
};

} // namespace test
