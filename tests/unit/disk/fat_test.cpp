// FAT volumes, judged by fsck.fat and mtools, and read back from anybody's hands.
#include "fixture.hpp"

#include <array>
#include <random>

#include <disk/disk_reader.hpp>
#include <disk/fat.hpp>

namespace unik::disk::test {
namespace {

constexpr std::array<std::string_view, 3> k_path{"EFI", "BOOT", "BOOTX64.EFI"};

struct Volume {
    ByteVector kernel = ByteVector(123'457, 0x5a);
    ByteVector text{'h', 'e', 'l', 'l', 'o'};
    FatVolume fat;

    explicit Volume(std::uint64_t sectors = 0) {
        fat.root = {fat_directory("EFI", {fat_directory("BOOT", {fat_file("BOOTX64.EFI", kernel)}),
                                          fat_file("README.TXT", text)}),
                    fat_file("EMPTY", {})};
        fat.sectors = sectors == 0 ? smallest_fat(fat.root) : sectors;
        fat.serial = 0x12345678;
        fat.label = "TEST";
    }
    Partition partition() const {
        return {{}, {}, fat.first_sector, fat.first_sector + fat.sectors - 1, ""};
    }
    Layout layout() const {
        Layout out(Bytes{(fat.first_sector + fat.sectors) * k_sector_size});
        add_fat(fat, out);
        return out;
    }
};

TEST_CASE("fsck.fat and mtools find no fault in a volume of any kind") {
    const Fixture fixture;
    const struct {
        std::uint64_t sectors;
        std::string kind;
    } volumes[] = {{0, "16 bit entries"},
                   {100'000, "16 bit entries"},
                   {600'000, "32 bit entries"},
                   {6'000'000, "32 bit entries"}};
    for (const auto& [sectors, kind] : volumes) {
        CAPTURE(sectors);
        const Volume volume(sectors);
        Layout layout = volume.layout();
        must(fixture.write(layout, "fat", "raw"));
        const std::string file = fixture.path("fat").string();
        const Completed checked = tool({"fsck.fat", "-n", "-v", file});
        INFO(checked.output);
        CHECK(checked.exit_status == 0);
        CHECK(checked.output.find(kind) != std::string::npos);
        const Completed listed = tool({"mdir", "-/", "-b", "-i", file, "::/"});
        CHECK(listed.output.find("::/EFI/BOOT/BOOTX64.EFI") != std::string::npos);
        const std::string copy = fixture.path("copy").string();
        CHECK(tool({"mcopy", "-n", "-i", file, "::/EFI/BOOT/BOOTX64.EFI", copy}).exit_status == 0);
        CHECK(must(read_file(copy, Bytes{1 << 20})) == volume.kernel);
        CHECK(tool({"mtype", "-i", file, "::/EFI/README.TXT"}).output == "hello");
        CHECK(tool({"mlabel", "-s", "-i", file}).output.find("TEST") != std::string::npos);
        std::filesystem::remove(copy);
    }
}

TEST_CASE("a file is found by its path, in one piece") {
    Volume volume;
    volume.fat.first_sector = 128;
    Layout layout = volume.layout();
    const Range found = must(find_in_fat(layout, volume.partition(), k_path));
    CHECK(read_range(layout, found) == volume.kernel);
    CHECK(found.offset % 4096 == 0);
    constexpr std::array<std::string_view, 2> first{"EFI", "README.TXT"};
    CHECK(must(find_in_fat(layout, volume.partition(), first)).offset ==
          first_file_sector(volume.fat) * k_sector_size);
}

TEST_CASE("a path that is not there, or not a file with content, is refused") {
    Volume volume;
    Layout layout = volume.layout();
    const auto find = [&](std::vector<std::string_view> path) {
        const auto result = find_in_fat(layout, volume.partition(), path);
        return result.ok() ? "found" : to_text(result.error());
    };
    CHECK(find({"EFI", "README.TXT"}) == "found");
    CHECK(find({"EFI", "LINUX"}).find("it does not hold \\EFI\\LINUX") != std::string::npos);
    CHECK(find({"EFI", "README.TXT", "X"}).find("does not hold") != std::string::npos);
    CHECK(find({"EFI", "BOOT"}).find("not a file") != std::string::npos);
    CHECK(find({"EMPTY"}).find("is empty") != std::string::npos);
    CHECK(find({"TEST"}).find("does not hold") != std::string::npos); // the label
}

TEST_CASE("damaged boot sectors, directories and chains are refused") {
    Volume volume;
    Layout layout = volume.layout();
    const ByteVector good = read_all(layout);
    const auto read = [&](std::size_t offset, std::uint8_t value) {
        ByteVector bytes = good;
        bytes[offset] = value;
        return id_of(find_in_fat(*over_memory("disk", bytes), volume.partition(), k_path));
    };
    const std::size_t table = std::size_t{good[14]} * 512;
    CHECK(read(0, 0) == "no error");
    CHECK(read(12, 8) == "broken-image");                // bytes in a sector: 2,048
    CHECK(read(13, 3) == "broken-image");                // sectors in a cluster
    CHECK(read(13, 0) == "broken-image");                //
    CHECK(read(14, 0) == "broken-image");                // reserved sectors
    CHECK(read(16, 0) == "broken-image");                // tables
    CHECK(read(16, 200) == "broken-image");              //
    CHECK(read(20, 0xff) == "broken-image");             // sectors: more than the partition
    CHECK(read(20, 0x01) == "broken-image");             // sectors: too few for FAT16
    CHECK(read(table + 2 * 30, 0x40) == "broken-image"); // somewhere in the file's chain
}

TEST_CASE("a directory that leads to itself ends") {
    Volume volume;
    Layout layout = volume.layout();
    ByteVector bytes = read_all(layout);
    // The root directory's first entry behind the label is EFI; fill its cluster with names that
    // do not match, and let its chain be a circle.
    const std::size_t table = std::size_t{bytes[14]} * 512;
    const std::size_t efi = 2;
    bytes[table + 2 * efi] = efi;
    bytes[table + 2 * efi + 1] = 0;
    const std::size_t data = (first_file_sector(volume.fat) - 8) * 512; // cluster 2
    for (std::size_t entry = 0; entry < 512; entry += 32)
        bytes[data + entry] = 'Z';
    CHECK(id_of(find_in_fat(*over_memory("disk", bytes), volume.partition(), k_path)) ==
          "broken-image");
}

TEST_CASE("no damage makes the reader leave its bounds") {
    Volume volume;
    volume.fat.first_sector = 8;
    Layout layout = volume.layout();
    const ByteVector good = read_all(layout);
    std::mt19937 random(1); // NOLINT: the same numbers each time
    const std::size_t meta = first_file_sector(volume.fat) * 512;
    for (int round = 0; round < 2000; ++round) {
        ByteVector bytes = good;
        for (int i = 0; i < 4; ++i) {
            const std::size_t where = round % 2 == 0 ? 4096 + random() % 90 : random() % meta;
            bytes[where] = static_cast<std::uint8_t>(random());
        }
        const auto disk = over_memory("disk", bytes);
        const auto found = find_in_fat(*disk, volume.partition(), k_path);
        if (found.ok())
            CHECK(found->end() <= bytes.size());
        else
            CHECK(id_of(found) == "broken-image");
    }
}

TEST_CASE("the smallest volume holds its tree, and one that is 4 KiB smaller does not") {
    for (const std::size_t size : {std::size_t{1}, std::size_t{3} << 20, std::size_t{32} << 20,
                                   std::size_t{34} << 20, std::size_t{300} << 20}) {
        CAPTURE(size);
        const ByteVector content(size);
        const std::vector<FatNode> root{fat_directory("EFI", {fat_file("A.EFI", content)})};
        const std::uint64_t smallest = smallest_fat(root);
        CHECK(fat_holds(root, smallest));
        CHECK_FALSE(fat_holds(root, smallest - 8));
        CHECK(smallest * k_sector_size < size + size / 50 + (3 << 20));
    }
}

TEST_CASE("names are stored in their two parts") {
    CHECK(fat_stored_name("BOOTX64.EFI") == "BOOTX64 EFI");
    CHECK(fat_stored_name("EFI") == "EFI        ");
    CHECK(fat_stored_name("A.B") == "A       B  ");
}

} // namespace
} // namespace unik::disk::test
