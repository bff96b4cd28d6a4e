// The disk's containers, with the tools of others as the oracles.
#include "fixture.hpp"

#include <csignal>

#include <sys/resource.h>

#include <disk/disk_reader.hpp>
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

TEST_CASE("a large kernel gets large clusters, and both containers agree") {
    Fixture fixture;
    fixture.kernel = make_test_kernel({.data_size = 65 << 20});
    const std::string raw = fixture.write_disk("disk.raw", "raw").string();
    const std::string qcow2 = fixture.write_disk("disk.qcow2", "qcow2").string();
    CHECK(tool({"qemu-img", "check", qcow2}).exit_status == 0);
    CHECK(tool({"qemu-img", "compare", raw, qcow2}).exit_status == 0);
}

TEST_CASE("a qcow2 file cut at any cluster is refused or read within its bounds") {
    const Fixture fixture;
    const ByteVector good = content(fixture.write_disk("disk.qcow2", "qcow2"));
    for (std::size_t size = 0; size < good.size(); size += 1021) {
        const ByteSpan cut = ByteSpan(good).first(size);
        const auto image = Image::open(over_memory("disk", cut));
        if (!image.ok())
            continue;
        const auto table = read_partition_table(image->content());
        CHECK((table.ok() || id_of(table) == "broken-image"));
    }
}

// Stands in for a full file system: the same refusal in the middle of writing.
TEST_CASE("a disk that cannot be written to its end leaves nothing behind") {
    const Fixture fixture;
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{128 * 1024, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    Layout layout = must(fixture.lay_out());
    for (const char* format : {"raw", "qcow2"})
        CHECK(id_of(fixture.write(layout, "disk", format)) == "file-error");
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    CHECK(std::filesystem::is_empty(fixture.folder.path()));
}

} // namespace
} // namespace unik::disk::test
