// ISO images of disks, judged by xorriso, isoinfo and file, and back to the disk again.
#include "fixture.hpp"

#include <disk/disk_reader.hpp>
#include <disk/image_reader.hpp>

namespace unik::disk::test {
namespace {

ByteVector content(const std::filesystem::path& file) {
    return must(read_file(file, Bytes{64 << 20}));
}

TEST_CASE("xorriso, isoinfo and file find what belongs on a bootable CD") {
    const Fixture fixture;
    const std::string iso = fixture.write_disk("disk.iso", "iso").string();
    const std::string report =
        tool({"xorriso", "-indev", iso, "-toc", "-report_el_torito", "plain"}).output;
    INFO(report);
    CHECK(report.find("El Torito boot img :   1  BIOS  y   none  0x0000  0x00      4") !=
          std::string::npos);
    CHECK(report.find("El Torito boot img :   2  UEFI  y   none  0x0000  0x00") !=
          std::string::npos);
    CHECK(report.find("Volume id    : 'EXAMPLE'") != std::string::npos);
    CHECK(report.find("FAILURE") == std::string::npos);
    CHECK(report.find("WARNING") == std::string::npos);
    CHECK(tool({"file", "-b", iso})
              .output.starts_with("ISO 9660 CD-ROM filesystem data (DOS/MBR "
                                  "boot sector) 'EXAMPLE' (bootable)"));
    CHECK(tool({"isoinfo", "-f", "-i", iso}).output.find("/EFI/BOOT/BOOTX64.EFI;1") !=
          std::string::npos);
}

TEST_CASE("the kernel is a file of the CD, without a copy") {
    const Fixture fixture;
    const std::string iso = fixture.write_disk("disk.iso", "iso").string();
    const std::string kernel = fixture.path("kernel").string();
    CHECK(tool({"xorriso", "-osirrox", "on", "-indev", iso, "-extract", "/EFI/BOOT/BOOTX64.EFI",
                kernel})
              .exit_status == 0);
    CHECK(content(kernel) == fixture.kernel);
    CHECK(std::filesystem::file_size(iso) ==
          std::filesystem::file_size(fixture.write_disk("disk.raw", "raw")));
}

TEST_CASE("an ISO image is a disk too: sgdisk finds no fault") {
    const Fixture fixture;
    const std::string iso = fixture.write_disk("disk.iso", "iso").string();
    const Completed verified = tool({"sgdisk", "-v", iso});
    INFO(verified.output);
    CHECK(verified.output.find("No problems found") != std::string::npos);
}

TEST_CASE("the disk comes back from its ISO image to the byte") {
    const Fixture fixture;
    const ByteVector raw = content(fixture.write_disk("disk.raw", "raw"));
    const auto iso = fixture.write_disk("disk.iso", "iso");
    const Image image = must(Image::open(must(open_file(iso))));
    CHECK(image.format() == "iso");
    must(fixture.write(image.content(), "back.raw", "raw"));
    CHECK(content(fixture.path("back.raw")) == raw);
    // A burner may pad it.
    std::filesystem::resize_file(iso, std::filesystem::file_size(iso) + 300 * 1024);
    const Image padded = must(Image::open(must(open_file(iso))));
    CHECK(padded.size().value == raw.size());
}

TEST_CASE("the same disk gives the same ISO image") {
    const Fixture fixture;
    CHECK(content(fixture.write_disk("first", "iso")) ==
          content(fixture.write_disk("second", "iso")));
}

TEST_CASE("an ISO image is sparse") {
    Fixture fixture;
    fixture.esp_size = Bytes{100 << 20};
    const std::string iso = fixture.write_disk("disk.iso", "iso").string();
    const std::string raw = fixture.write_disk("disk.raw", "raw").string();
    CHECK(std::stoul(tool({"du", "-k", iso}).output) <
          std::stoul(tool({"du", "-k", raw}).output) + 41);
    const std::string report =
        tool({"xorriso", "-indev", iso, "-report_el_torito", "plain"}).output;
    // More than its field holds: up to the end.
    CHECK(report.find("El Torito boot img :   2  UEFI  y   none  0x0000  0x00      0") !=
          std::string::npos);
}

TEST_CASE("disks of others become no ISO image, and their ISO images no disk") {
    const Fixture fixture;
    const ByteVector zeros(4 << 20);
    const auto empty = over_memory("empty", zeros);
    CHECK(id_of(fixture.write(*empty, "iso", "iso")) == "broken-image");
    CHECK_FALSE(std::filesystem::exists(fixture.path("iso")));
    must(write_file(fixture.path("file"), zeros));
    const std::string iso = fixture.path("other.iso").string();
    CHECK(tool({"xorriso", "-outdev", iso, "-padding", "300k", "-map",
                fixture.path("file").string(), "/file"})
              .exit_status == 0);
    const auto opened = Image::open(must(open_file(iso)));
    CHECK(id_of(opened) == "unsupported-image");
}

TEST_CASE("an ISO image that is cut off is refused") {
    const Fixture fixture;
    const auto iso = fixture.write_disk("disk.iso", "iso");
    std::filesystem::resize_file(iso, std::filesystem::file_size(iso) - 1);
    CHECK(id_of(Image::open(must(open_file(iso)))) == "broken-image");
}

} // namespace
} // namespace unik::disk::test
