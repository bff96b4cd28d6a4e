#include <foundation/format.hpp>
#include <net-core/network_device.hpp>

namespace os::net {

namespace {
constinit List<NetworkDevice> g_devices;
constinit unsigned g_count = 0;
} // namespace

void register_device(NetworkDevice& device) {
    format(device.name_, sizeof device.name_, "en%u", g_count++);
    g_devices.push_back(device);
}

List<NetworkDevice>& registered_devices() {
    return g_devices;
}

} // namespace os::net
