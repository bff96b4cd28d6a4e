#include <foundation/format.hpp>
#include <virtio/transport.hpp>

namespace os::virtio {

namespace {
// 2.1: device status.
constexpr std::uint8_t k_acknowledge = 1;
constexpr std::uint8_t k_driver = 2;
constexpr std::uint8_t k_driver_ok = 4;
constexpr std::uint8_t k_features_ok = 8;
constexpr std::uint8_t k_failed = 128;
constexpr unsigned k_reset_attempts = 100000;

void add_status(Transport& transport, std::uint8_t bits) {
    transport.set_status(static_cast<std::uint8_t>(transport.status() | bits));
}
} // namespace

void Transport::name(unsigned device_type, const char* place) {
    format(match_, sizeof match_, "virtio:%u", device_type);
    format(place_, sizeof place_, "%s", place);
}

Result<void> reset(Transport& transport) {
    transport.set_status(0);
    for (unsigned i = 0; i < k_reset_attempts; ++i)
        if (transport.status() == 0)
            return {};
    return Errno::eio;
}

Result<std::uint64_t> negotiate(Transport& transport, std::uint64_t wanted) {
    UNIK_TRY(reset(transport));
    add_status(transport, k_acknowledge);
    add_status(transport, k_driver);
    const std::uint64_t features = transport.device_features() & (wanted | k_feature_version_1);
    if ((features & k_feature_version_1) == 0) {
        fail_device(transport);
        return Errno::enodev;
    }
    transport.set_driver_features(features);
    add_status(transport, k_features_ok);
    if ((transport.status() & k_features_ok) == 0) {
        fail_device(transport);
        return Errno::enodev;
    }
    return features;
}

void start_device(Transport& transport) {
    add_status(transport, k_driver_ok);
}

void fail_device(Transport& transport) {
    add_status(transport, k_failed);
}

} // namespace os::virtio
