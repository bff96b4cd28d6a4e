// The kernel heap's interface; the component `memory` provides it (tests: the host's malloc).
#pragma once

#include <cstddef>

#include <foundation/result.hpp>

namespace os {

// At least 16-byte aligned; null when memory is exhausted. Not from interrupt context.
void* heap_allocate(std::size_t size);
// null is allowed.
void heap_free(void* pointer);

} // namespace os
