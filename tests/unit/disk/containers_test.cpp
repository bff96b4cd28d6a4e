// Every container: what is written is read back, at any size and place; the same disk gives the
// same bytes; zeros take no room.
#include "fixture.hpp"

#include <random>

#include <disk/image_reader.hpp>
#include <disk/layout.hpp>

namespace unik::disk::test {
namespace {

struct Written {
    std::string format;
    Compression compression = Compression::none;
};

// Each format with each of its compressions, but for the ISO image, which takes unik's disks alone.
std::vector<Written> all_formats() {
    std::vector<Written> out;
    for (const Format& format : formats())
        if (format.name != "iso")
            for (const Compression compression : format.compressions)
                out.push_back({std::string(format.name), compression});
    return out;
}

// Runs of text, of noise and of zeros, with borders anywhere.
ByteVector mixed_bytes(std::size_t size, unsigned seed) {
    std::mt19937 random(seed);
    ByteVector out;
    while (out.size() < size) {
        const std::size_t run = std::min<std::size_t>(1 + random() % 150'000, size - out.size());
        const auto kind = random() % 3;
        for (std::size_t i = 0; i < run; ++i)
            out.push_back(kind == 0   ? std::uint8_t{0}
                          : kind == 1 ? static_cast<std::uint8_t>("a text. "[i % 8])
                                      : static_cast<std::uint8_t>(random()));
    }
    return out;
}

// As a copy would see it: by what next_data names, zeros elsewhere.
void check_same(Content& expected, Content& found) {
    constexpr std::uint64_t k_step = 1 << 20;
    std::uint64_t position = 0;
    for (Content* side : {&expected, &found}) {
        Content& other = side == &expected ? found : expected;
        for (position = 0;;) {
            const auto data = must(side->next_data(position));
            if (!data || data->offset >= std::min(expected.size(), found.size()).value)
                break;
            const std::uint64_t limit = std::min(expected.size(), found.size()).value;
            const std::uint64_t count = std::min({data->length, k_step, limit - data->offset});
            const ByteVector one = read_range(*side, {data->offset, count});
            REQUIRE(one == read_range(other, {data->offset, count}));
            position = data->offset + count;
        }
    }
}

// What a file takes on the disk, in KiB.
std::uint64_t taken(const std::filesystem::path& file) {
    return std::stoull(tool({"du", "-k", file}).output);
}

Image written(const Fixture& fixture, Content& content, const Written& how,
              std::string_view name = "disk") {
    WriteOptions options;
    options.compression = how.compression;
    options.file_name = "disk";
    must(write_image(content, *must(find_format(how.format)), options, fixture.path(name)));
    return must(Image::open(must(open_file(fixture.path(name)))));
}

TEST_CASE("a disk of any size comes back from every container") {
    const Fixture fixture;
    for (const std::size_t size : {1, 512, 1000, 65536, 70'001, 2 << 20, (5 << 20) + 513}) {
        const ByteVector bytes = mixed_bytes(size, static_cast<unsigned>(size));
        const ContentPtr content = over_memory("memory", bytes);
        for (const Written& how : all_formats()) {
            INFO(how.format << ' ' << to_text(how.compression) << ' ' << size);
            const Image image = written(fixture, *content, how);
            CHECK(image.format() == how.format);
            CHECK(image.size() >= must(find_format(how.format))->size_on(content->size()));
            CHECK(image.size() < Bytes{content->size().value + (1ULL << 30)});
            check_same(*content, image.content());
        }
    }
}

// What a format cannot hold it refuses.
TEST_CASE("data behind 4 GiB and behind 2 TiB comes back") {
    const Fixture fixture;
    const ByteVector bytes = mixed_bytes(300'000, 7);
    for (const std::uint64_t size : {5ULL << 30, 3ULL << 40}) {
        Layout layout(Bytes{size});
        layout.add(12'345, ByteSpan(bytes));
        layout.add((4ULL << 30) - 100'000, ByteSpan(bytes));
        layout.add(size - bytes.size(), ByteSpan(bytes));
        for (const Written& how : all_formats()) {
            INFO(how.format << ' ' << to_text(how.compression) << ' ' << size);
            const bool is_small = size < 2ULL << 40;
            if (!is_small && (how.format.starts_with("vmdk") || how.format.starts_with("vhd-") ||
                              how.format == "vhd" || how.format == "ova")) {
                CHECK(id_of(write_image(layout, *must(find_format(how.format)), {},
                                        fixture.path("refused"))) == "disk-too-large");
                CHECK_FALSE(std::filesystem::exists(fixture.path("refused")));
                continue;
            }
            const Image image = written(fixture, layout, how);
            check_same(layout, image.content());
            CHECK(taken(fixture.path("disk")) < 40'000);
        }
    }
}

TEST_CASE("a container depends on the bytes alone, not on where the source has holes") {
    const Fixture fixture;
    ByteVector bytes = mixed_bytes(3 << 20, 1);
    std::fill(bytes.begin() + (1 << 20), bytes.begin() + (2 << 20), std::uint8_t{0});
    const ContentPtr whole = over_memory("memory", bytes);
    Layout pieces(Bytes{bytes.size()});
    pieces.add(0, ByteSpan(bytes).first(1 << 20));
    pieces.add(2 << 20, ByteSpan(bytes).subspan(2 << 20, 77'777));
    pieces.add((2 << 20) + 77'777, ByteSpan(bytes).subspan((2 << 20) + 77'777));
    for (const Written& how : all_formats()) {
        INFO(how.format << ' ' << to_text(how.compression));
        written(fixture, *whole, how, "one");
        written(fixture, pieces, how, "two");
        CHECK(tool({"cmp", fixture.path("one"), fixture.path("two")}).exit_status == 0);
    }
}

TEST_CASE("another content gets other ids") {
    const Fixture fixture;
    ByteVector bytes = mixed_bytes(1 << 20, 3);
    const auto head = [&](const char* format, std::size_t offset, std::size_t size) {
        written(fixture, *over_memory("memory", bytes), {format, Compression::none});
        const ByteVector file = must(read_file(fixture.path("disk"), Bytes{64 << 20}));
        return ByteVector(file.begin() + static_cast<std::ptrdiff_t>(offset),
                          file.begin() + static_cast<std::ptrdiff_t>(offset + size));
    };
    struct Id {
        const char* format;
        std::size_t offset;
        std::size_t size;
    };
    for (const Id& id : {Id{"vdi", 0x188, 16}, Id{"vhd", 68, 16}, Id{"vhdx", 65536 + 16, 32},
                         Id{"vmdk", 512 + 32, 12}, Id{"vmdk-stream", 512 + 32, 12}}) {
        INFO(id.format);
        const ByteVector before = head(id.format, id.offset, id.size);
        CHECK(head(id.format, id.offset, id.size) == before);
        bytes[777'777] ^= 1;
        CHECK(head(id.format, id.offset, id.size) != before);
    }
}

TEST_CASE("an empty disk is refused, and leaves what was there") {
    const Fixture fixture;
    must(write_file(fixture.path("disk"), std::string("before")));
    for (const Written& how : all_formats())
        CHECK(id_of(write_image(*over_memory("memory", {}), *must(find_format(how.format)), {},
                                fixture.path("disk"))) == "broken-image");
    CHECK(must(read_text_file(fixture.path("disk"), Bytes{99})) == "before");
}

TEST_CASE("a disk of zeros takes little room in every container") {
    const Fixture fixture;
    Layout zeros(Bytes{1ULL << 30});
    for (const Written& how : all_formats()) {
        INFO(how.format);
        const Image image = written(fixture, zeros, how);
        CHECK_FALSE(must(image.content().next_data(0)).has_value());
        CHECK(taken(fixture.path("disk")) < 200);
    }
}

// The whole file must be one stream: others do not go on after the first.
TEST_CASE("Google's archive is one gzip stream and one sparse member named disk.raw") {
    const Fixture fixture;
    const ByteVector bytes = mixed_bytes(3 << 20, 9);
    written(fixture, *over_memory("memory", bytes), {"gce", Compression::zlib}, "image.tar.gz");
    const Completed listed = tool({"tar", "-tvzf", fixture.path("image.tar.gz")});
    CHECK(listed.output.find(" 1073741824 1970-01-01 ") != std::string::npos);
    CHECK(listed.output.find("disk.raw\n") != std::string::npos);
    CHECK(tool({"gzip", "-t", fixture.path("image.tar.gz")}).exit_status == 0);
    CHECK(tool({"tar", "-C", fixture.folder.path(), "-xzf", fixture.path("image.tar.gz")})
              .exit_status == 0);
    check_same(*over_memory("memory", bytes), *must(open_file(fixture.path("disk.raw"))));
}

TEST_CASE("a container can be read in any order") {
    const Fixture fixture;
    const ByteVector bytes = mixed_bytes(4 << 20, 11);
    std::mt19937 random(5);
    for (const Written& how : all_formats()) {
        INFO(how.format << ' ' << to_text(how.compression));
        const Image image = written(fixture, *over_memory("memory", bytes), how);
        for (int i = 0; i < 40; ++i) {
            const std::size_t offset = random() % bytes.size();
            const std::size_t size =
                std::min<std::size_t>(random() % 200'000, bytes.size() - offset);
            const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(offset);
            REQUIRE(read_range(image.content(), {offset, size}) ==
                    ByteVector(begin, begin + static_cast<std::ptrdiff_t>(size)));
        }
    }
}

} // namespace
} // namespace unik::disk::test
