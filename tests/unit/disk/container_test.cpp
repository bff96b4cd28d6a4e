// The disk's containers, with the tools of others as the oracles.
#include "fixture.hpp"

#include <csignal>

#include <sys/resource.h>

#include <disk/image_reader.hpp>

namespace unik::disk::test {
namespace {

ByteVector content(const std::filesystem::path& file) {
    return must(read_file(file, Bytes{64 << 20}));
}

TEST_CASE("qemu-img finds no fault in a qcow2 disk, and the same content as in the raw one") {
    const Fixture fixture;
    const std::string raw = fixture.write_disk("disk.raw", "raw").string();
    const std::string qcow2 = fixture.write_disk("disk.qcow2", "qcow2").string();
    const Completed check = tool({"qemu-img", "check", "-f", "qcow2", qcow2});
    INFO(check.output);
    CHECK(check.exit_status == 0);
    CHECK(check.output.find("No errors were found") != std::string::npos);
    const Completed same = tool({"qemu-img", "compare", "-f", "raw", "-F", "qcow2", raw, qcow2});
    INFO(same.output);
    CHECK(same.exit_status == 0);
    CHECK(tool({"qemu-img", "convert", "-O", "raw", qcow2, fixture.path("back.raw")}).exit_status ==
          0);
    CHECK(content(fixture.path("back.raw")) == content(raw));
}

TEST_CASE("sgdisk finds no fault in the partition table") {
    const Fixture fixture;
    const std::string raw = fixture.write_disk("disk.raw", "raw").string();
    const Completed verified = tool({"sgdisk", "-v", raw});
    INFO(verified.output);
    CHECK(verified.output.find("No problems found") != std::string::npos);
    const Completed printed = tool({"sgdisk", "-p", raw});
    CHECK(printed.output.find("BIOS boot") != std::string::npos);
    CHECK(printed.output.find("EF02") != std::string::npos);
    CHECK(printed.output.find("kernel") != std::string::npos);
}

TEST_CASE("the same input gives the same bytes, another input other ids") {
    Fixture fixture;
    for (const char* format : {"raw", "qcow2"}) {
        const ByteVector first = content(fixture.write_disk("first", format));
        CHECK(content(fixture.write_disk("second", format)) == first);
    }
    const auto table = [&](const char* name) {
        return must(read_partition_table(
            must(Image::open(must(open_file(fixture.write_disk(name, "raw")))))));
    };
    const PartitionTable before = table("before.raw");
    fixture.kernel.back() ^= 1;
    const PartitionTable after = table("after.raw");
    CHECK(before.disk != after.disk);
    CHECK(before.partitions[1].id != after.partitions[1].id);
    CHECK(to_text(before.disk)[14] == '8');
}

TEST_CASE("the raw disk is sparse and the qcow2 file holds little beyond the kernel") {
    Fixture fixture;
    fixture.kernel = make_test_kernel({.data_size = 8000});
    CHECK(std::filesystem::file_size(fixture.write_disk("disk.qcow2", "qcow2")) < 100'000);
    CHECK(std::filesystem::file_size(fixture.write_disk("disk.raw", "raw")) == 1 << 20);
    CHECK(tool({"du", "-k", fixture.path("disk.raw")}).output.substr(0, 2) < "99");
}

TEST_CASE("a large kernel gets large clusters, and both containers agree") {
    Fixture fixture;
    fixture.kernel = make_test_kernel({.data_size = 65 << 20});
    const std::string raw = fixture.write_disk("disk.raw", "raw").string();
    const std::string qcow2 = fixture.write_disk("disk.qcow2", "qcow2").string();
    CHECK(tool({"qemu-img", "check", qcow2}).exit_status == 0);
    CHECK(tool({"qemu-img", "compare", raw, qcow2}).exit_status == 0);
}

TEST_CASE("both containers are read back: partitions, kernel and load table") {
    const Fixture fixture;
    for (const std::string format : {"raw", "qcow2"}) {
        const auto file = fixture.write_disk("disk", format);
        const Image image = must(Image::open(must(open_file(file))));
        CHECK(image.format() == format);
        const PartitionTable table = must(read_partition_table(image));
        REQUIRE(table.partitions.size() == 2);
        CHECK(table.partitions[0].type == guid(k_bios_boot_type));
        CHECK(table.partitions[1].name == "kernel");
        ByteVector kernel(fixture.kernel.size());
        must(image.read(table.partitions[1].first * k_sector_size, kernel));
        CHECK(kernel == fixture.kernel);
        const LoadTable load = must(read_load_table(image));
        CHECK(load.name == "example");
        CHECK(load.kernel_entry == 0x100000);
        REQUIRE(load.entries.size() == 2);
        CHECK(load.entries[1].skip == 0x123);
    }
}

TEST_CASE("a damaged partition table is refused") {
    const Fixture fixture;
    const ByteVector good = content(fixture.write_disk("disk.raw", "raw"));
    const auto read = [&](std::size_t flipped) {
        ByteVector bytes = good;
        bytes[flipped] ^= 1;
        return id_of(read_partition_table(must(Image::open(over_memory("disk", bytes)))));
    };
    CHECK(read(512 + 56) == "broken-image");          // primary header: the disk's id
    CHECK(read(1024 + 16) == "broken-image");         // primary entries
    CHECK(read(good.size() - 512) == "broken-image"); // backup header
    CHECK(read(good.size() - 33 * 512) == "broken-image");
}

TEST_CASE("a qcow2 file cut at any cluster is refused or read within its bounds") {
    const Fixture fixture;
    const ByteVector good = content(fixture.write_disk("disk.qcow2", "qcow2"));
    for (std::size_t size = 0; size < good.size(); size += 1021) {
        const ByteSpan cut = ByteSpan(good).first(size);
        const auto image = Image::open(over_memory("disk", cut));
        if (!image.ok())
            continue;
        CHECK(id_of(read_partition_table(*image)) == "broken-image");
    }
}

TEST_CASE("what cannot become a disk is refused with its reason") {
    Fixture fixture;
    const auto attempt = [&](std::string format) {
        return id_of(disk::write({fixture.kernel, fixture.record, "example", std::move(format)},
                                 fixture.path("disk")));
    };
    CHECK(attempt("vmdk4") == "unknown-disk-format");
    SUBCASE("a boot record of another make") {
        fixture.record[512] ^= 1;
        CHECK(attempt("raw") == "broken-boot-record");
    }
    SUBCASE("no boot record") {
        fixture.record.clear();
        CHECK(attempt("raw") == "broken-boot-record");
    }
    SUBCASE("a kernel without a PVH entry") {
        fixture.kernel[0x200 + 8] = 17;
        CHECK(attempt("raw") == "kernel-not-bootable");
    }
    SUBCASE("a kernel below 1 MiB") {
        fixture.kernel[64 + 26] = 0;
        CHECK(attempt("raw") == "kernel-not-bootable");
    }
    CHECK_FALSE(std::filesystem::exists(fixture.path("disk")));
}

// Stands in for a full file system: the same refusal in the middle of writing.
TEST_CASE("a disk that cannot be written to its end leaves nothing behind") {
    const Fixture fixture;
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{128 * 1024, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    for (const char* format : {"raw", "qcow2"}) {
        const auto result =
            disk::write({fixture.kernel, fixture.record, "example", format}, fixture.path("disk"));
        CHECK(id_of(result) == "file-error");
    }
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    CHECK(std::filesystem::is_empty(fixture.folder.path()));
}

TEST_CASE("a folder that does not exist is an error") {
    const Fixture fixture;
    CHECK(id_of(disk::write({fixture.kernel, fixture.record, "example", "raw"},
                            fixture.path("missing") / "disk")) == "file-error");
}

} // namespace
} // namespace unik::disk::test
