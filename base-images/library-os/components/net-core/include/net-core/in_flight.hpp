// What a card is sending.
#pragma once

#include <foundation/types.hpp>
#include <foundation/vector.hpp>

namespace os::net {

// Memory that the device reads.
struct Segment {
    PhysAddr address;
    std::uint32_t size = 0;
};

// Owners of the frames that are out, in the order in which the card sends them.
class InFlight {
public:
    // Room for so many entries of the card's ring, a power of two.
    Result<void> initialise(std::size_t entries);
    // The entry that is a frame's last.
    void put(std::size_t entry, void* owner) { owners_[entry] = owner; }
    void* take(std::size_t entry) {
        void* owner = owners_[entry];
        owners_[entry] = nullptr;
        return owner;
    }
    bool ends_at(std::size_t entry) const { return owners_[entry] != nullptr; }

private:
    Vector<void*> owners_;
};

} // namespace os::net
