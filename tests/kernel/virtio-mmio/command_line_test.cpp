#include <doctest/doctest.h>
#include <virtio-mmio/virtio_mmio.hpp>

using os::virtio_mmio::next_window;
using os::virtio_mmio::parse_window;
using os::virtio_mmio::Window;

TEST_CASE("a device parameter in Linux's syntax") {
    const auto window = parse_window("512@0xfeb00e00:12");
    REQUIRE(window.ok());
    CHECK(window.value().address.value == 0xfeb00e00);
    CHECK(window.value().size == 512);
    CHECK(window.value().irq == 12);
}

TEST_CASE("sizes may have a suffix, addresses may be decimal, an id may follow") {
    CHECK(parse_window("4K@0xd0000000:5").value().size == 4096);
    CHECK(parse_window("1M@0xd0000000:5").value().size == 1048576);
    CHECK(parse_window("0x200@3489660928:5:3").value().address.value == 0xd0000000);
}

TEST_CASE("malformed device parameters are refused") {
    for (const char* text :
         {"", "512", "512@", "512@0xfeb00e00", "512@0xfeb00e00:", "512@0xfeb00e00:12x",
          "512@0xfeb00e00:12:", "@0xfeb00e00:12", "512@0x:12", "16@0xfeb00e00:12",
          "512@0xffffffffffffffff:12", "512@0x1ffffffffffffffff:12", "512@0xfeb00e00:5000",
          "0xffffffffffffffffK@0:1", "-512@0xfeb00e00:12"})
        CHECK_FALSE(parse_window(text).ok());
}

TEST_CASE("every device of a command line is found, and malformed ones are counted") {
    const os::StringView line = "console=ttyS0 virtio_mmio.device=512@0xfeb00c00:11 quiet "
                                "virtio_mmio.device=oops  virtio_mmio.device=512@0xfeb00e00:12";
    std::size_t position = 0;
    unsigned malformed = 0;
    Window window;
    REQUIRE(next_window(line, position, window, malformed));
    CHECK(window.irq == 11);
    REQUIRE(next_window(line, position, window, malformed));
    CHECK(window.irq == 12);
    CHECK_FALSE(next_window(line, position, window, malformed));
    CHECK(malformed == 1);
}
