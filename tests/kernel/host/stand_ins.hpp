// What the host puts in the place of the kernel's own: a panic that a test can expect, and a heap
// that a test can exhaust.
#pragma once

#include <cstddef>
#include <stdexcept>

namespace host {

// What os::panic throws.
class Panic : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Lets `count` more allocations succeed; all later ones fail until unlimited_memory().
void limit_allocations(std::size_t count);
void unlimited_memory();
// Blocks that were allocated and not freed.
std::size_t living_blocks();

} // namespace host
