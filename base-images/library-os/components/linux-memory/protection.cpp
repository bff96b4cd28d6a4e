#include "protection.hpp"

namespace os::linux_memory {

using memory::Protection;

Result<Protection> protection_of(std::uint64_t bits) {
    if ((bits & ~(k_prot_read | k_prot_write | k_prot_execute)) != 0)
        return Errno::einval;
    return static_cast<Protection>(bits); // the same bits, see memory/address_space.hpp
}
static_assert(static_cast<std::uint64_t>(Protection::read) == k_prot_read &&
              static_cast<std::uint64_t>(Protection::write) == k_prot_write &&
              static_cast<std::uint64_t>(Protection::execute) == k_prot_execute);

} // namespace os::linux_memory
