// The disk itself: partition table, EFI system partition, boot record; with the tools of others as
// the oracles.
#include "fixture.hpp"

#include <cstring>

#include <disk/boot_record.hpp>
#include <disk/disk_reader.hpp>
#include <vocabulary/kernel_file_layout.hpp>

namespace unik::disk::test {
namespace {

TEST_CASE("sgdisk finds no fault in the partition table") {
    const Fixture fixture;
    const std::string raw = fixture.write_disk("disk.raw", "raw").string();
    const Completed verified = tool({"sgdisk", "-v", raw});
    INFO(verified.output);
    CHECK(verified.output.find("No problems found") != std::string::npos);
    CHECK(verified.output.find("Warning") == std::string::npos);
    const Completed printed = tool({"sgdisk", "-p", raw});
    CHECK(printed.output.find("EF02  BIOS boot") != std::string::npos);
    CHECK(printed.output.find("EF00  EFI system") != std::string::npos);
}

TEST_CASE("a disk is read back: partitions, the kernel's file and the load table") {
    const Fixture fixture;
    Layout layout = must(fixture.lay_out());
    const UnikDisk disk = must(read_unik_disk(layout));
    REQUIRE(disk.table.partitions.size() == 2);
    CHECK(disk.table.partitions[0].type == guid(k_bios_boot_type));
    CHECK(disk.esp.type == guid(k_esp_type));
    CHECK(disk.esp.name == "EFI system");
    CHECK(read_range(layout, disk.kernel_file) == fixture.kernel);
    CHECK(disk.load_table.name == "example");
    CHECK(disk.load_table.kernel_entry == 0x100000);
    REQUIRE(disk.load_table.entries.size() == 1);
    const vocabulary::LoadEntry& entry = disk.load_table.entries[0];
    CHECK(entry.lba * k_sector_size == disk.kernel_file.offset + 0x1000);
    CHECK(entry.skip == 0);
    CHECK(entry.destination == 0x100000);
    CHECK(entry.byte_count == fixture.kernel.size() - 0x1000);
    CHECK((entry.byte_count + entry.zero_count) % 4096 == 0);
}

TEST_CASE("the same input gives the same disk, another input other ids") {
    Fixture fixture;
    Layout first = must(fixture.lay_out());
    Layout second = must(fixture.lay_out());
    CHECK(read_all(first) == read_all(second));
    const PartitionTable before = must(read_partition_table(first));
    fixture.kernel.back() ^= 1;
    Layout other = must(fixture.lay_out());
    const PartitionTable after = must(read_partition_table(other));
    CHECK(before.disk != after.disk);
    CHECK(before.partitions[1].id != after.partitions[1].id);
    CHECK(to_text(before.disk)[14] == '8');
}

TEST_CASE("the raw disk is sparse: little is stored beside the kernel") {
    Fixture fixture;
    fixture.kernel = make_test_kernel({.data_size = 8000});
    fixture.esp_size = Bytes{1ULL << 30};
    const std::filesystem::path raw = fixture.write_disk("disk.raw", "raw");
    CHECK(std::filesystem::file_size(raw) >= 1 << 30);
    CHECK(std::stoul(tool({"du", "-k", raw.string()}).output) < 120);
}

TEST_CASE("a damaged partition table is refused") {
    const Fixture fixture;
    Layout layout = must(fixture.lay_out());
    const ByteVector good = read_all(layout);
    const auto read = [&](std::size_t flipped) {
        ByteVector bytes = good;
        bytes[flipped] ^= 1;
        return id_of(read_partition_table(*over_memory("disk", bytes)));
    };
    CHECK(read(512 + 56) == "broken-image");          // primary header: the disk's id
    CHECK(read(1024 + 16) == "broken-image");         // primary entries
    CHECK(read(good.size() - 512) == "broken-image"); // backup header
    CHECK(read(good.size() - 33 * 512) == "broken-image");
    CHECK(read(17 * 512 + 5) == "broken-image");
    CHECK(read(8) == "no error");
}

TEST_CASE("a damaged second stage is noticed") {
    const Fixture fixture;
    Layout layout = must(fixture.lay_out());
    ByteVector bytes = read_all(layout);
    CHECK(id_of(read_load_table(*over_memory("disk", bytes))) == "no error");
    bytes[40 * 512 + 1000] ^= 4;
    CHECK(id_of(read_load_table(*over_memory("disk", bytes))) == "broken-image");
}

TEST_CASE("what cannot become a disk is refused with its reason") {
    Fixture fixture;
    const auto attempt = [&] { return id_of(fixture.lay_out()); };
    const auto set_header = [&](auto change) {
        vocabulary::KernelFileHeader header;
        std::uint8_t* place = fixture.kernel.data() + vocabulary::k_kernel_file_header_offset;
        std::memcpy(&header, place, sizeof header);
        change(header);
        std::memcpy(place, &header, sizeof header);
    };
    CHECK(attempt() == "no error");
    SUBCASE("a boot record of another make") {
        fixture.record[512] ^= 1;
        CHECK(attempt() == "broken-boot-record");
    }
    SUBCASE("no boot record") {
        fixture.record.clear();
        CHECK(attempt() == "broken-boot-record");
    }
    SUBCASE("a kernel without a PVH entry") {
        set_header([](auto& header) { header.pvh_entry = 0; });
        CHECK(attempt() == "kernel-not-bootable");
    }
    SUBCASE("a kernel file cut off") {
        fixture.kernel.resize(fixture.kernel.size() - 512);
        CHECK(attempt() == "broken-kernel-file");
    }
    SUBCASE("a kernel file of another make") {
        set_header([](auto& header) { header.magic = 7; });
        CHECK(attempt() == "broken-kernel-file");
    }
}

TEST_CASE("an EFI system partition of a size that cannot be is refused with the size it needs") {
    Fixture fixture;
    const auto refusal = [&](std::uint64_t size) {
        fixture.esp_size = Bytes{size};
        const auto result = fixture.lay_out();
        REQUIRE_FALSE(result.ok());
        CHECK(id_of(result) == "esp-size");
        return to_text(result.error());
    };
    const std::string small = refusal(1 << 20);
    CHECK(small.find("of 1.0 MiB is too small") != std::string::npos);
    CHECK(small.find("at least 3.0 MiB") != std::string::npos);
    CHECK(small.find("hint: ask for 3.0 MiB or more") != std::string::npos);
    CHECK(refusal(4ULL << 40).find("too large") != std::string::npos);
    fixture.kernel = make_test_kernel({.data_size = 33 << 20});
    CHECK(refusal(33 << 20).find("at least 35.0 MiB") != std::string::npos);
    fixture.esp_size = Bytes{35 << 20};
    CHECK(fixture.lay_out().ok());
}

TEST_CASE("a disk of the requested size has its kernel, wherever FAT's kind and clusters change") {
    Fixture fixture;
    for (const std::uint64_t mebibytes :
         {3, 31, 32, 33, 127, 128, 255, 256, 257, 511, 512, 8191, 8193, 20000, 70000, 2000000}) {
        CAPTURE(mebibytes);
        fixture.esp_size = Bytes{mebibytes << 20};
        Layout layout = must(fixture.lay_out());
        const UnikDisk disk = must(read_unik_disk(layout));
        CHECK((disk.esp.last - disk.esp.first + 1) * k_sector_size == mebibytes << 20);
        CHECK(read_range(layout, disk.kernel_file) == fixture.kernel);
        CHECK(disk.kernel_file.offset % 4096 == 0);
    }
}

TEST_CASE("a disk grows: the backup partition table goes to the new end") {
    const Fixture fixture;
    const auto layout = std::make_shared<Layout>(must(fixture.lay_out()));
    const Bytes size{1ULL << 30};
    const ContentPtr grown = must(grow_disk(layout, size));
    CHECK(grown->size() == size);
    const UnikDisk before = must(read_unik_disk(*layout));
    const UnikDisk after = must(read_unik_disk(*grown));
    CHECK(after.table.partitions == before.table.partitions);
    CHECK(after.table.disk == before.table.disk);
    must(fixture.write(*grown, "disk.raw", "raw"));
    const Completed verified = tool({"sgdisk", "-v", fixture.path("disk.raw").string()});
    INFO(verified.output);
    CHECK(verified.output.find("No problems found") != std::string::npos);
    // Nothing of the old backup is left.
    const std::uint64_t end = layout->size().value;
    CHECK(read_range(*grown, {end - 33 * 512, 33 * 512}) == ByteVector(33 * 512));
    CHECK(must(grow_disk(layout, layout->size())) == layout);
    const ContentPtr plain = must(grow_disk(over_memory("no table", fixture.kernel), size));
    CHECK(read_range(*plain, {0, fixture.kernel.size()}) == fixture.kernel);
    CHECK_FALSE(must(plain->next_data(fixture.kernel.size())));
}

} // namespace
} // namespace unik::disk::test
