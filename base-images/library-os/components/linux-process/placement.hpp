// Where the first thread's stack lies.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/types.hpp>

namespace os::linux_process {

struct Stack {
    VirtAddr bottom;
    std::size_t size = 0;
};
// Demand-paged, with a guard below it.
Result<Stack> map_stack(std::uint64_t slide);

} // namespace os::linux_process
