// Where the blocks of an EROFS image come from: memory, or a disk.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/types.hpp>

namespace os::erofs {

class BlockSource {
public:
    virtual ~BlockSource() = default;

    virtual std::uint64_t block_count() const = 0;
    // Whether others may run while a caller of hold() waits.
    virtual bool may_block() const { return false; }
    // The frame that holds a block's bytes, whose contents are the image's, checked. It stays as it
    // is until release(), and everyone is given the same one. `ahead`: so many blocks behind it
    // will be wanted soon. Precondition: all lie within block_count(). eio: it cannot be had.
    virtual Result<PhysAddr> hold(std::uint64_t block, std::uint64_t ahead) = 0;
    // Once for each hold(); does not block.
    virtual void release(std::uint64_t block, PhysAddr frame) = 0;
};

} // namespace os::erofs
