// The exception from W^X that the Unikfile's security.allow or the language's profile makes. A
// component and no setting: what boots the machine cannot take the protection off.
#include <foundation/result.hpp>
#include <memory/address_space.hpp>

namespace os::jit {

Result<void> start() {
    memory::set_write_execute(memory::WriteExecute::allowed);
    return {};
}

} // namespace os::jit
