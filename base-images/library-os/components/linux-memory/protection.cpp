#include "protection.hpp"

#include <control/control.hpp>

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

void explain_refusal(Protection protection) {
    static constinit bool g_explained = false;
    if (g_explained || !memory::has(protection, Protection::write | Protection::execute))
        return;
    g_explained = true;
    control::warn(
        "wx-refused",
        "memory that is writable and executable at once is refused: write the code first, "
        "then make it executable with mprotect(PROT_READ|PROT_EXEC)");
}

} // namespace os::linux_memory
