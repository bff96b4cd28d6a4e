// Containers that are damaged, or use what unik does not read: refused with the reason, never half
// read, never outside the file.
#include "fixture.hpp"

#include <cstring>
#include <functional>

#include <disk/containers/qcow2.hpp>
#include <disk/containers/vhd.hpp>
#include <disk/containers/vhdx.hpp>
#include <disk/containers/vmdk.hpp>
#include <disk/image_reader.hpp>
#include <disk/layout.hpp>

namespace unik::disk::test {
namespace {

// A small disk with a little data, as a file of this format.
ByteVector sample(std::string_view format, Compression compression = Compression::none) {
    const Fixture fixture;
    Layout layout(Bytes{3 << 20});
    layout.add(4096, ByteVector(70'000, 'd'));
    layout.add(2 << 20, ByteVector(512, 'e'));
    WriteOptions options;
    options.compression = compression;
    must(write_image(layout, *must(find_format(format)), options, fixture.path("disk")));
    return must(read_file(fixture.path("disk"), Bytes{64 << 20}));
}

// Opens it as this format and reads all it says it has, as far as that is not much.
std::string attempt(ByteSpan bytes, std::string_view format) {
    constexpr std::uint64_t k_most = 64ULL << 20;
    const auto image = Image::open(over_memory("disk", bytes), *must(find_format(format)));
    if (!image.ok())
        return id_of(image);
    ByteVector buffer(65536);
    std::uint64_t position = 0;
    for (std::uint64_t total = 0; total < k_most;) {
        const auto data = image->content().next_data(position);
        if (!data.ok())
            return id_of(data);
        if (!data->has_value())
            return "no error";
        const std::size_t count = std::min<std::uint64_t>((*data)->length, buffer.size());
        if ((*data)->offset < position || (*data)->length == 0 ||
            (*data)->end() > image->size().value)
            return "a range out of place";
        if (const auto read =
                image->content().read((*data)->offset, std::span(buffer).first(count));
            !read.ok())
            return id_of(read);
        position = (*data)->offset + count;
        total += count;
    }
    return "no error";
}

template <typename T>
T object_at(const ByteVector& bytes, std::size_t offset) {
    T object;
    std::memcpy(&object, bytes.data() + offset, sizeof object);
    return object;
}

template <typename T>
std::string changed(ByteVector bytes, std::string_view format, std::size_t offset,
                    const std::function<void(T&)>& change) {
    T object = object_at<T>(bytes, offset);
    change(object);
    std::memcpy(bytes.data() + offset, &object, sizeof object);
    return attempt(bytes, format);
}

const std::vector<std::string_view> k_readers{"qcow2",     "vmdk", "vmdk-stream", "vdi", "vhd",
                                              "vhd-fixed", "vhdx", "ova",         "gce"};

TEST_CASE("a container that is cut off anywhere is refused, or lacks nothing that is read") {
    for (const std::string_view format : k_readers) {
        INFO(format);
        const ByteVector good = sample(format);
        REQUIRE(attempt(good, format) == "no error");
        const auto cut_at = [&](std::size_t size) {
            const std::string id = attempt(ByteSpan(good).first(size), format);
            CHECK((id == "broken-image" || id == "no error"));
            return id;
        };
        for (std::size_t size = 0; size < std::min<std::size_t>(good.size(), 2048); size += 7)
            CHECK(cut_at(size) == "broken-image");
        for (std::size_t size = 2048; size < good.size(); size += good.size() / 61)
            cut_at(size);
    }
}

TEST_CASE("no damaged byte in a head makes a reader leave its bounds") {
    for (const std::string_view format : k_readers) {
        INFO(format);
        ByteVector bytes = sample(format);
        for (std::size_t i = 0; i < std::min<std::size_t>(bytes.size(), 1024); i += 3) {
            for (const int value : {0x00, 0x7f, 0xff}) {
                const std::uint8_t before =
                    std::exchange(bytes[i], static_cast<std::uint8_t>(value));
                const std::string id = attempt(bytes, format);
                CHECK((id == "no error" || id == "broken-image" || id == "unsupported-image"));
                bytes[i] = before;
            }
        }
    }
}

TEST_CASE("qcow2: what unik does not read is refused by name") {
    const ByteVector good = sample("qcow2");
    const auto id = [&](const std::function<void(Qcow2Header&)>& change) {
        return changed<Qcow2Header>(good, "qcow2", 0, change);
    };
    CHECK(id([](auto& h) { h.version = 4; }) == "unsupported-image");
    CHECK(id([](auto& h) { h.backing_file_offset = 200; }) == "unsupported-image");
    CHECK(id([](auto& h) { h.crypt_method = 2; }) == "unsupported-image");
    CHECK(id([](auto& h) { h.snapshot_count = 1; }) == "unsupported-image");
    CHECK(id([](auto& h) { h.incompatible_features = 1 << 2; }) == "unsupported-image");
    CHECK(id([](auto& h) { h.incompatible_features = 1 << 4; }) == "unsupported-image");
    CHECK(id([](auto& h) { h.incompatible_features = 1 << 20; }) == "unsupported-image");
    CHECK(id([](auto& h) { h.incompatible_features = 1 << 1; }) == "broken-image");
    CHECK(id([](auto& h) { h.incompatible_features = 1; }) == "no error"); // dirty
    CHECK(id([](auto& h) { h.cluster_bits = 8; }) == "broken-image");
    CHECK(id([](auto& h) { h.cluster_bits = 22; }) == "broken-image");
    CHECK(id([](auto& h) { h.cluster_bits = 200; }) == "broken-image");
    CHECK(id([](auto& h) { h.size = ~0ULL; }) == "broken-image");
    CHECK(id([](auto& h) { h.l1_size = 0; }) == "broken-image");
    CHECK(id([](auto& h) { h.l1_size = ~0U; }) == "broken-image");
    CHECK(id([](auto& h) { h.l1_table_offset = ~0ULL - 7; }) == "broken-image");
    CHECK(id([](auto& h) { h.header_length = 90; }) == "broken-image");
}

TEST_CASE("qcow2: tables that lead astray are refused") {
    const ByteVector good = sample("qcow2");
    const std::uint64_t l1 = object_at<Qcow2Header>(good, 0).l1_table_offset;
    const std::uint64_t l2 = object_at<Be64>(good, l1) & k_qcow2_offset_mask;
    const auto id = [&](std::uint64_t offset, std::uint64_t value) {
        return changed<Be64>(good, "qcow2", offset, [&](Be64& entry) { entry = value; });
    };
    CHECK(id(l1, k_qcow2_copied | 512) == "broken-image");
    CHECK(id(l1, k_qcow2_copied | 1ULL << 50) == "broken-image");
    CHECK(id(l2 + 8, k_qcow2_copied | 512) == "broken-image");
    CHECK(id(l2 + 8, k_qcow2_copied | 1ULL << 50) == "broken-image");
    CHECK(id(l2 + 8, k_qcow2_compressed | 4096) == "broken-image"); // not packed data
    CHECK(id(l2 + 8, k_qcow2_compressed | 1ULL << 50) == "broken-image");
    CHECK(id(l2 + 8, k_qcow2_copied | 4096 | k_qcow2_reads_as_zeros) == "no error");
}

TEST_CASE("qcow2: damage in packed clusters is found") {
    for (const Compression compression : {Compression::zlib, Compression::zstd}) {
        ByteVector bytes = sample("qcow2", compression);
        const std::uint64_t l1 = object_at<Qcow2Header>(bytes, 0).l1_table_offset;
        const std::uint64_t l2 = object_at<Be64>(bytes, l1) & k_qcow2_offset_mask;
        const std::uint64_t entry = object_at<Be64>(bytes, l2);
        REQUIRE((entry & k_qcow2_compressed) != 0);
        const std::uint64_t offset = entry & ((1ULL << qcow2_sectors_shift(16)) - 1);
        std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), 16, std::uint8_t{0xff});
        CHECK(attempt(bytes, "qcow2") == "broken-image");
    }
}

TEST_CASE("VMDK: parents, parts and odd tables are refused") {
    const ByteVector good = sample("vmdk");
    const auto id = [&](const std::function<void(VmdkHeader&)>& change) {
        return changed<VmdkHeader>(good, "vmdk", 0, change);
    };
    CHECK(id([](auto& h) { h.version = 9; }) == "unsupported-image");
    CHECK(id([](auto& h) { h.line_ends[0] = ' '; }) == "broken-image");
    CHECK(id([](auto& h) { h.grain_size = 0; }) == "broken-image");
    CHECK(id([](auto& h) { h.grain_size = 129; }) == "broken-image");
    CHECK(id([](auto& h) { h.grain_size = 1ULL << 40; }) == "broken-image");
    CHECK(id([](auto& h) { h.table_entries = 0; }) == "broken-image");
    CHECK(id([](auto& h) { h.capacity = ~0ULL; }) == "broken-image");
    CHECK(id([](auto& h) { h.capacity = 1ULL << 40; }) == "broken-image"); // tables too short
    CHECK(id([](auto& h) { h.directory = 1ULL << 60; }) == "broken-image");
    CHECK(id([](auto& h) { h.directory = ~0ULL; }) == "broken-image"); // no footer there
    CHECK(id([](auto& h) { h.descriptor_offset = 0; }) == "unsupported-image");
    CHECK(id([](auto& h) { h.descriptor_offset = ~0ULL; }) == "broken-image");
    CHECK(id([](auto& h) { h.compression = 7; }) == "unsupported-image");
    ByteVector child = good;
    const std::string_view all(reinterpret_cast<const char*>(child.data()), 2048);
    std::memcpy(child.data() + all.find("parentCID=") + 10, "12345678", 8);
    CHECK(attempt(child, "vmdk") == "unsupported-image");
    const std::string text = "# Disk DescriptorFile\nversion=1\ncreateType=\"monolithicFlat\"\n";
    CHECK(attempt({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, "vmdk") ==
          "unsupported-image");
}

TEST_CASE("VMDK: a grain that says it is another's is refused") {
    ByteVector bytes = sample("vmdk-stream");
    std::size_t grain = 128 * 512; // the first one follows the head
    REQUIRE(object_at<VmdkGrainMarker>(bytes, grain).sector == 0);
    bytes[grain] = 128;
    CHECK(attempt(bytes, "vmdk-stream") == "broken-image");
}

TEST_CASE("VHD: the checksum guards every field, and other kinds are refused") {
    const ByteVector good = sample("vhd");
    const auto sealed = [&](const std::function<void(VhdFooter&)>& change) {
        return changed<VhdFooter>(good, "vhd", 0, [&](VhdFooter& footer) {
            change(footer);
            footer.checksum = 0;
            footer.checksum = vhd_checksum(bytes_of(footer));
        });
    };
    CHECK(changed<VhdFooter>(good, "vhd", 0, [](auto& f) { f.time = 5; }) == "broken-image");
    CHECK(sealed([](auto& f) { f.time = 5; }) == "no error");
    CHECK(sealed([](auto& f) { f.type = k_vhd_differencing; }) == "unsupported-image");
    CHECK(sealed([](auto& f) { f.type = 77; }) == "broken-image");
    CHECK(sealed([](auto& f) { f.version = 0x00020000; }) == "unsupported-image");
    CHECK(sealed([](auto& f) { f.current_size = ~0ULL; }) == "broken-image");
    CHECK(sealed([](auto& f) { f.current_size = 1ULL << 40; }) == "broken-image"); // table
    CHECK(sealed([](auto& f) { f.data_offset = ~0ULL; }) == "broken-image");
    const auto header = [&](const std::function<void(VhdDynamicHeader&)>& change) {
        return changed<VhdDynamicHeader>(good, "vhd", 512, [&](VhdDynamicHeader& h) {
            change(h);
            h.checksum = 0;
            h.checksum = vhd_checksum(bytes_of(h));
        });
    };
    CHECK(header([](auto&) {}) == "no error");
    CHECK(header([](auto& h) { h.block_size = 0; }) == "broken-image");
    CHECK(header([](auto& h) { h.block_size = 3 << 20; }) == "broken-image");
    CHECK(header([](auto& h) { h.table_entries = ~0U; }) == "broken-image");
    CHECK(header([](auto& h) { h.table_offset = ~0ULL - 4; }) == "broken-image");
}

// In Virtual PC's images the geometry counts, in Hyper-V's the size.
TEST_CASE("VHD: the creator decides between geometry and size") {
    ByteVector bytes = sample("vhd");
    CHECK(must(Image::open(over_memory("disk", bytes))).size() == Bytes{3 << 20});
    auto footer = object_at<VhdFooter>(bytes, 0);
    std::memcpy(footer.creator, "vpc ", 4);
    footer.cylinders = 10;
    footer.heads = 4;
    footer.sectors = 17;
    footer.checksum = 0;
    footer.checksum = vhd_checksum(bytes_of(footer));
    std::memcpy(bytes.data(), &footer, sizeof footer);
    CHECK(must(Image::open(over_memory("disk", bytes))).size() == Bytes{10 * 4 * 17 * 512});
}

TEST_CASE("VHDX: one good header is enough, logs and parents are refused") {
    const ByteVector good = sample("vhdx");
    const auto sealed = [&](std::size_t offset, const std::function<void(VhdxHeader&)>& change) {
        ByteVector bytes = good;
        auto header = object_at<VhdxHeader>(bytes, offset);
        change(header);
        header.checksum = 0;
        std::memcpy(bytes.data() + offset, &header, sizeof header);
        header.checksum = crc32c(ByteSpan(bytes).subspan(offset, k_vhdx_header_size));
        std::memcpy(bytes.data() + offset, &header, sizeof header);
        return attempt(bytes, "vhdx");
    };
    ByteVector damaged = good;
    damaged[0x10000 + 100] ^= 1;
    CHECK(attempt(damaged, "vhdx") == "no error");
    damaged[0x20000 + 100] ^= 1;
    CHECK(attempt(damaged, "vhdx") == "broken-image");
    CHECK(sealed(0x20000, [](auto& h) { h.log.bytes[3] = 1; }) == "unsupported-image");
    CHECK(sealed(0x10000, [](auto& h) { h.log.bytes[3] = 1; }) == "no error"); // the older one
    CHECK(sealed(0x20000, [](auto& h) { h.version = 2; }) == "unsupported-image");
    ByteVector child = good;
    child[(2 << 20) + 65536 + 4] |= 2; // the file parameters' flags
    CHECK(attempt(child, "vhdx") == "unsupported-image");
    ByteVector block = good;
    block[(2 << 20) + 65536] = 1; // the block size: no power of two
    CHECK(attempt(block, "vhdx") == "broken-image");
    ByteVector astray = good;
    astray[(3 << 20) + 6] = 0xff; // the first block's place
    CHECK(attempt(astray, "vhdx") == "broken-image");
    ByteVector partly = good;
    partly[3 << 20] = 7;
    CHECK(attempt(partly, "vhdx") == "broken-image");
}

TEST_CASE("VDI: parents and odd blocks are refused") {
    const ByteVector good = sample("vdi");
    const auto with = [&](std::size_t offset, std::uint32_t value) {
        return changed<Le32>(good, "vdi", offset, [&](Le32& field) { field = value; });
    };
    CHECK(with(0x44, 0x00020001) == "unsupported-image"); // version
    CHECK(with(0x4c, 4) == "unsupported-image");          // a differencing image
    CHECK(with(0x1a8, 1) == "unsupported-image");         // the parent's UUID
    CHECK(with(0x178, 0) == "broken-image");              // block size
    CHECK(with(0x178, 1 << 31) == "broken-image");
    CHECK(with(0x17c, 512) == "broken-image");  // extra bytes in each block
    CHECK(with(0x168, 4096) == "broken-image"); // sector size
    CHECK(with(0x180, 1) == "broken-image");    // fewer blocks than the disk has
    CHECK(with(0x180, ~0U) == "broken-image");
    CHECK(with(0x154, ~0U) == "broken-image"); // the map
    CHECK(with(0x158, ~0U) == "broken-image"); // the data
    CHECK(with(512, 0xfffffff0) == "broken-image");
}

TEST_CASE("an archive without a disk, or with two, is refused") {
    const ByteVector good = sample("ova");
    ByteVector renamed = good;
    std::memcpy(renamed.data(), "unik.xyz", 8);       // the description's name
    CHECK(attempt(renamed, "ova") == "broken-image"); // its checksum is wrong now
    const Fixture fixture;
    const auto archive = [&](const std::vector<std::string>& names) {
        std::vector<std::string> command{"tar", "-C", fixture.folder.path(), "-cf",
                                         fixture.path("a.tar")};
        for (const std::string& name : names) {
            must(write_file(fixture.path(name), std::string("x")));
            command.push_back(name);
        }
        CHECK(tool(command).exit_status == 0);
        return attempt(must(read_file(fixture.path("a.tar"), Bytes{1 << 20})), "ova");
    };
    CHECK(archive({"readme"}) == "broken-image");
    CHECK(archive({"a.ovf"}) == "unsupported-image");
    CHECK(archive({"a.ovf", "a.vmdk", "b.vmdk"}) == "unsupported-image");
    CHECK(archive({"a.ovf", "a.vmdk"}) == "broken-image"); // no VMDK in it
}

TEST_CASE("what is no disk image is not taken for a raw one") {
    const auto id = [](std::string text) {
        text.resize(4096);
        return id_of(Image::open(over_memory(
            "disk", {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()})));
    };
    CHECK(id(std::string("QED\0", 4)) == "unsupported-image");
    CHECK(id("WithouFreSpacExt") == "unsupported-image");
    CHECK(id("\x7f"
             "ELF") == "unsupported-image");
    CHECK(id("PK\x03\x04") == "unsupported-image");
    CHECK(id("\x1f\x8b") == "broken-image"); // gzip, but no archive
    CHECK(id("anything") == "no error");
}

} // namespace
} // namespace unik::disk::test
