#include <memory/shared_object.hpp>

#include "address_space_state.hpp"

namespace os::memory {

ObjectPlace shared_object_at(VirtAddr address) {
    const Area* area = g_space.areas.find(address.value);
    if (area == nullptr || area->sharing != Sharing::shared || area->backing != Backing::pager)
        return {};
    return {area->pager->object(), area->offset + (address.value - area->start)};
}

} // namespace os::memory
