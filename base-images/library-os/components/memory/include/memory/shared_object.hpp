// What a shared mapping shows, so that one place in it can be known under all its addresses.
#pragma once

#include <cstdint>

#include <foundation/types.hpp>

namespace os::memory {

struct ObjectPlace {
    const void* object = nullptr; // null: the address is in no shared mapping of an object
    std::uint64_t offset = 0;     // of the address in it
};
ObjectPlace shared_object_at(VirtAddr address);

} // namespace os::memory
