#include <cstring>

#include <devices/device.hpp>
#include <doctest/doctest.h>

namespace {
os::Result<void> first(os::Device&) {
    return {};
}
os::Result<void> second(os::Device&) {
    return {};
}
vocabulary::DriverEntry entry(const char* match, os::devices::Attach attach) {
    return {reinterpret_cast<std::uint64_t>(match), reinterpret_cast<std::uint64_t>(attach)};
}
} // namespace

TEST_CASE("a pattern matches the same name, or with a star whatever begins like it") {
    CHECK(os::devices::matches("virtio:1", "virtio:1"));
    CHECK_FALSE(os::devices::matches("virtio:1", "virtio:16"));
    CHECK(os::devices::matches("pci:1af4:*", "pci:1af4:1041"));
    CHECK_FALSE(os::devices::matches("pci:1af4:*", "pci:8086:1041"));
}

TEST_CASE("the first driver that matches is taken") {
    const vocabulary::DriverEntry table[] = {entry("pci:1af4:*", &first),
                                             entry("virtio:1", &second)};
    CHECK((os::devices::find_driver(table, "virtio:1") == &second));
    CHECK((os::devices::find_driver(table, "pci:1af4:1000") == &first));
    CHECK((os::devices::find_driver(table, "virtio:4") == nullptr));
}

TEST_CASE("a driver for a class is taken only where none knows the device itself") {
    class Function : public os::Device {
    public:
        Function(const char* match, const char* match_by_class) {
            std::strcpy(match_, match);
            std::strcpy(match_by_class_, match_by_class);
        }
    };
    const vocabulary::DriverEntry table[] = {entry("pci-class:010601", &first),
                                             entry("pci:15ad:07c0", &second)};
    const Function both("pci:15ad:07c0", "pci-class:010601");
    const Function by_class("pci:8086:2922", "pci-class:010601");
    const Function neither("pci:8086:2922", "pci-class:010180");
    const Function classless("virtio:2", "");
    CHECK((os::devices::find_driver(table, both) == &second));
    CHECK((os::devices::find_driver(table, by_class) == &first));
    CHECK((os::devices::find_driver(table, neither) == nullptr));
    CHECK((os::devices::find_driver(table, classless) == nullptr));
}
