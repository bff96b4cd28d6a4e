// The hash of a file that a signature by this algorithm covers: BLAKE2b-512 for Ed25519, SHA-256
// for P-256.
#pragma once

#include <sign/key.hpp>

namespace unik::sign {

Result<ByteVector> hash_for(Algorithm algorithm, const OpenFile& file);

} // namespace unik::sign
