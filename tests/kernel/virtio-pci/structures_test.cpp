#include "../pci/fake_config_space.hpp"

#include <doctest/doctest.h>
#include <virtio-pci/virtio_pci.hpp>

using os::virtio_pci::find_structure;
using os::virtio_pci::Structure;

namespace {
void put(FakeConfigSpace& space, std::uint8_t at, std::uint8_t next, Structure kind,
         std::uint8_t bar, std::uint32_t offset, std::uint32_t size) {
    space.capability(at, 0x09, next);
    space.bytes[at + 2] = 16;
    space.bytes[at + 3] = static_cast<std::uint8_t>(kind);
    space.bytes[at + 4] = bar;
    space.put32(at + 8U, offset);
    space.put32(at + 12U, size);
}
} // namespace

TEST_CASE("each structure is found where its capability says") {
    FakeConfigSpace space;
    space.bytes[0x34] = 0x40;
    put(space, 0x40, 0x50, Structure::common, 4, 0x0, 0x1000);
    put(space, 0x50, 0x70, Structure::notify, 4, 0x3000, 0x1000);
    space.put32(0x60, 4);
    put(space, 0x70, 0, Structure::device, 4, 0x2000, 0x100);
    const auto notify = find_structure(space, Structure::notify);
    REQUIRE(notify.ok());
    CHECK(notify.value().bar == 4);
    CHECK(notify.value().offset == 0x3000);
    CHECK(notify.value().size == 0x1000);
    CHECK(notify.value().notify_multiplier == 4);
    CHECK(find_structure(space, Structure::device).value().offset == 0x2000);
    CHECK(find_structure(space, Structure::isr).error() == os::Errno::enodev);
}

TEST_CASE("a capability with a reserved BAR is passed over for the next one") {
    FakeConfigSpace space;
    space.bytes[0x34] = 0x40;
    put(space, 0x40, 0x50, Structure::common, 7, 0, 0x1000);
    put(space, 0x50, 0, Structure::common, 1, 0x800, 0x40);
    const auto common = find_structure(space, Structure::common);
    REQUIRE(common.ok());
    CHECK(common.value().bar == 1);
}

TEST_CASE("a capability that would leave the configuration space is no structure") {
    FakeConfigSpace space;
    space.bytes[0x34] = 0xf4;
    space.capability(0xf4, 0x09, 0);
    space.bytes[0xf7] = 1;
    CHECK_FALSE(find_structure(space, Structure::common).ok());
}

TEST_CASE("device types come from the device id, or of older ones from the subsystem") {
    CHECK(os::virtio_pci::device_type(0x1041, 0x1100) == 1);
    CHECK(os::virtio_pci::device_type(0x1000, 1) == 1);
    CHECK(os::virtio_pci::device_type(0x1044, 0) == 4);
    CHECK(os::virtio_pci::device_type(0x1110, 3) == 0);
}
