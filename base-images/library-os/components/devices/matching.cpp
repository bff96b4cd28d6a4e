#include <devices/device.hpp>

namespace os::devices {

bool matches(StringView pattern, StringView name) {
    if (pattern.ends_with("*"))
        return name.starts_with(pattern.part(0, pattern.size() - 1));
    return pattern == name;
}

Attach find_driver(Span<const vocabulary::DriverEntry> drivers, StringView name) {
    for (const vocabulary::DriverEntry& driver : drivers)
        if (matches(reinterpret_cast<const char*>(driver.match), name))
            return reinterpret_cast<Attach>(driver.attach);
    return nullptr;
}

Attach find_driver(Span<const vocabulary::DriverEntry> drivers, const Device& device) {
    const Attach attach = find_driver(drivers, device.match());
    if (attach != nullptr || device.match_by_class().empty())
        return attach;
    return find_driver(drivers, device.match_by_class());
}

} // namespace os::devices
