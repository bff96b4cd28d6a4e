#include "fake_config_space.hpp"

#include <doctest/doctest.h>

using os::pci::find_capability;
using os::pci::memory_bar;

TEST_CASE("capabilities are found one after the other") {
    FakeConfigSpace space;
    space.bytes[0x34] = 0x40;
    space.capability(0x40, 0x09, 0x60);
    space.capability(0x60, 0x11, 0x80);
    space.capability(0x80, 0x09, 0x00);
    CHECK(find_capability(space, 0x11) == 0x60);
    const unsigned first = find_capability(space, 0x09);
    CHECK(first == 0x40);
    CHECK(find_capability(space, 0x09, first) == 0x80);
    CHECK(find_capability(space, 0x09, 0x80) == 0);
    CHECK(find_capability(space, 0x05) == 0);
}

TEST_CASE("a list of capabilities that loops or points into the header ends") {
    FakeConfigSpace space;
    space.bytes[0x34] = 0x40;
    space.capability(0x40, 0x09, 0x50);
    space.capability(0x50, 0x09, 0x40);
    CHECK(find_capability(space, 0x11) == 0);
    space.bytes[0x34] = 0x10;
    CHECK(find_capability(space, 0x09) == 0);
}

TEST_CASE("a function without capabilities has none, whatever its pointer says") {
    FakeConfigSpace space;
    space.bytes[0x34] = 0x40;
    space.bytes[0x40] = 0x09;
    CHECK(find_capability(space, 0x09) == 0);
}

TEST_CASE("a BAR's address and size are read without changing it") {
    FakeConfigSpace space;
    space.bar_mask[1] = 0xfffff000;
    space.put32(0x14, 0xfebd1000);
    const auto bar = memory_bar(space, 1);
    REQUIRE(bar.ok());
    CHECK(bar.value().address.value == 0xfebd1000);
    CHECK(bar.value().size == 0x1000);
    CHECK(space.read32(0x14) == 0xfebd1000);
}

TEST_CASE("a BAR of 64 bits takes two places") {
    FakeConfigSpace space;
    space.bar_mask[4] = 0xffffc000;
    space.bar_mask[5] = 0xffffffff;
    space.put32(0x20, 0xfe00400c); // 64 bits, prefetchable
    space.put32(0x24, 0x00000010);
    const auto bar = memory_bar(space, 4);
    REQUIRE(bar.ok());
    CHECK(bar.value().address.value == 0x10fe004000);
    CHECK(bar.value().size == 0x4000);
}

TEST_CASE("what is no usable memory BAR is refused") {
    FakeConfigSpace space;
    space.put32(0x10, 0xc001); // ports
    CHECK_FALSE(memory_bar(space, 0).ok());
    CHECK_FALSE(memory_bar(space, 1).ok()); // no address
    space.put32(0x24, 0xfe000004);          // 64 bits, without room for the upper half
    CHECK_FALSE(memory_bar(space, 5).ok());
    CHECK_FALSE(memory_bar(space, 6).ok());
}

TEST_CASE("half words and bytes are parts of the words") {
    FakeConfigSpace space;
    space.put32(0x00, 0x10411af4);
    CHECK(space.read16(0) == 0x1af4);
    CHECK(space.read16(2) == 0x1041);
    CHECK(space.read8(3) == 0x10);
    space.put32(0x40, 0x11223344);
    space.write16(0x42, 0xaabb);
    CHECK(space.read32(0x40) == 0xaabb3344);
    space.put32(0x04, 0xffff0000);
    space.write16(0x04, 6); // status bits are cleared by ones: none are written
    CHECK(space.read32(0x04) == 6);
}

TEST_CASE("the port of an I/O BAR is read, and of nothing else") {
    FakeConfigSpace space;
    space.put32(0x10, 0xc041);
    space.put32(0x14, 0xfebd1000);
    space.put32(0x18, 1);
    space.put32(0x1c, 0x12340001);
    CHECK(os::pci::port_bar(space, 0).value() == 0xc040);
    CHECK_FALSE(os::pci::port_bar(space, 1).ok()); // memory
    CHECK_FALSE(os::pci::port_bar(space, 2).ok()); // no address
    CHECK_FALSE(os::pci::port_bar(space, 3).ok()); // beyond the ports there are
    CHECK_FALSE(os::pci::port_bar(space, 6).ok());
}

TEST_CASE("MSI takes one message, in the narrow layout and in the wide one") {
    FakeConfigSpace space;
    space.bytes[0x34] = 0xd0;
    space.capability(0xd0, 0x05, 0);
    space.bytes[0xd2] = 0x7e; // the firmware left several messages on
    REQUIRE(os::pci::enable_msi(space, 0xfee01000, 0x41).ok());
    CHECK(space.read32(0xd4) == 0xfee01000);
    CHECK(space.read16(0xd8) == 0x41);
    CHECK(space.read16(0xd2) == 0x0f);

    space.bytes[0xd2] = 0x80;
    space.put32(0xd8, 0xffffffff);
    REQUIRE(os::pci::enable_msi(space, 0xfee01000, 0x42).ok());
    CHECK(space.read32(0xd4) == 0xfee01000);
    CHECK(space.read32(0xd8) == 0);
    CHECK(space.read16(0xdc) == 0x42);
    CHECK(space.read16(0xd2) == 0x81);
}

TEST_CASE("MSI is refused where there is none, where it would leave the space, or be too narrow") {
    FakeConfigSpace space;
    CHECK_FALSE(os::pci::enable_msi(space, 0xfee01000, 0x41).ok());
    space.bytes[0x34] = 0xf8;
    space.capability(0xf8, 0x05, 0);
    CHECK_FALSE(os::pci::enable_msi(space, 0xfee01000, 0x41).ok());
    space.bytes[0x34] = 0xd0;
    space.capability(0xd0, 0x05, 0);
    CHECK_FALSE(os::pci::enable_msi(space, 0x100000000, 0x41).ok());
}
