#include <control/control.hpp>
#include <devices/device.hpp>

extern "C" const vocabulary::ImageHeader unik_image;
extern "C" const vocabulary::DriverEntry unik_drivers[];

namespace os::devices {

Outcome offer(Device& device) {
    const Attach attach = find_driver({unik_drivers, unik_image.driver_count}, device);
    if (attach == nullptr)
        return Outcome::no_driver;
    const Result<void> result = attach(device);
    if (result.ok())
        return Outcome::attached;
    control::warn("driver-failed", "the driver for %.*s at %.*s failed with error %d",
                  static_cast<int>(device.match().size()), device.match().data(),
                  static_cast<int>(device.place().size()), device.place().data(),
                  static_cast<int>(result.error()));
    return Outcome::failed;
}

} // namespace os::devices
