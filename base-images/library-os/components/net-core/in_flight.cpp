#include <net-core/in_flight.hpp>

namespace os::net {

Result<void> InFlight::initialise(std::size_t entries) {
    return owners_.resize(entries);
}

} // namespace os::net
