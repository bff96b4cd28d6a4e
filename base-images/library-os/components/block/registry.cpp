#include <block/block_device.hpp>
#include <control/control.hpp>

#include "names.hpp"

namespace os::block {

namespace {

constexpr std::size_t k_least_transfer = 4096;
constexpr unsigned k_most_reports = 8; // of one device: a bad disk must not drown the console

constinit List<BlockDevice> g_devices;
constinit NameCounter g_names;

bool follows_the_rules(const BlockDevice& device) {
    const std::uint32_t sector = device.sector_size();
    if (sector < k_least_sector_size || sector > k_greatest_sector_size ||
        (sector & (sector - 1)) != 0)
        return false;
    if (device.sector_count() > INT64_MAX / sector)
        return false;
    return device.most_bytes() >= k_least_transfer && device.most_bytes() % sector == 0;
}

} // namespace

Result<void> register_device(BlockDevice& device, const char* prefix) {
    if (!follows_the_rules(device))
        return Errno::einval;
    UNIK_TRY(g_names.next(prefix, device.name_, sizeof device.name_));
    g_devices.push_back(device);
    return {};
}

List<BlockDevice>& registered_devices() {
    return g_devices;
}

bool may_report(BlockDevice& device);
bool may_report(BlockDevice& device) {
    return device.reports_ < k_most_reports && device.reports_++ < k_most_reports;
}

void report_failure(BlockDevice& device, Direction direction, std::uint64_t sector,
                    std::size_t count, const char* why) {
    if (may_report(device))
        control::warn("disk-error", "%s: %s of %zu sectors at %llu failed: %s", device.name(),
                      direction == Direction::read ? "reading" : "writing", count,
                      static_cast<unsigned long long>(sector), why);
}

void report(BlockDevice& device, const char* what) {
    if (may_report(device))
        control::warn("disk-error", "%s: %s", device.name(), what);
}

} // namespace os::block
