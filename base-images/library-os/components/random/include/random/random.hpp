// The kernel's random numbers: ChaCha20 (RFC 8439) keyed from every source of entropy there is.
#pragma once

#include <foundation/result.hpp>
#include <foundation/span.hpp>

namespace os::random {

// Keys the generator from the CPU (RDSEED, RDRAND) and from the time-stamp counter's jitter.
Result<void> start();

// Unpredictable bytes. Never blocks, never fails.
void fill(MutableBytes out);

// Mixes in what a device delivers (virtio-rng and the like). It can only improve the state; the
// bytes need not be secret.
void add_entropy(Bytes bytes);

// Whether a source that deserves the name has been mixed in: the CPU's generator or a device.
bool seeded();

} // namespace os::random
