#include <disk/containers/fingerprint.hpp>

#define XXH_INLINE_ALL // the header has it all
#include <xxhash.h>

namespace unik::disk {

struct Fingerprint::State {
    XXH3_state_t hash;
};

Fingerprint::Fingerprint() : state_(std::make_unique<State>()) {
    XXH3_128bits_reset(&state_->hash);
}

Fingerprint::~Fingerprint() = default;

void Fingerprint::add(const Run& run) {
    add(run.first, run.bytes);
}

void Fingerprint::add(std::uint64_t number, ByteSpan block) {
    const vocabulary::Le64 place(number);
    XXH3_128bits_update(&state_->hash, &place, sizeof place);
    XXH3_128bits_update(&state_->hash, block.data(), block.size());
}

Guid Fingerprint::guid(std::string_view purpose, Bytes size) const {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state_->hash));
    ByteVector seed(std::begin(canonical.digest), std::end(canonical.digest));
    const vocabulary::Le64 bytes(size.value);
    const ByteSpan more = bytes_of(bytes);
    seed.insert(seed.end(), more.begin(), more.end());
    return derive_guid(purpose, seed);
}

} // namespace unik::disk
