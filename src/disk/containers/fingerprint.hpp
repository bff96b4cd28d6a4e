// A number that stands for a disk's content: the ids of containers (uuids, CIDs) derive from it, so
// that the same disk always gets the same ones and another disk others. It is quick to compute and
// protects against nothing: signatures are made over the file.
#pragma once

#include <memory>

#include <vocabulary/endian.hpp>

#include <disk/containers/blocks.hpp>
#include <disk/guid.hpp>

namespace unik::disk {

class Fingerprint {
public:
    Fingerprint();
    ~Fingerprint();
    void add(const Run& run);
    void add(std::uint64_t number, ByteSpan block);
    // A GUID for this purpose, of a disk of this size.
    Guid guid(std::string_view purpose, Bytes size) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace unik::disk
