// A block of the image for as long as this lives.
#pragma once

#include <utility>

#include <erofs/block_source.hpp>
#include <foundation/span.hpp>
#include <vocabulary/erofs_layout.hpp>

#include <arch/paging.hpp>

namespace os::erofs {

class HeldBlock {
public:
    // euclean outside the image.
    static Result<HeldBlock> create(BlockSource& source, std::uint64_t block,
                                    std::uint64_t ahead = 0) {
        if (block >= source.block_count())
            return Errno::euclean;
        return HeldBlock(source, block, UNIK_TRY(source.hold(block, ahead)));
    }
    HeldBlock(HeldBlock&& other) noexcept
        : source_(std::exchange(other.source_, nullptr)), block_(other.block_),
          frame_(other.frame_) {}
    HeldBlock& operator=(HeldBlock&&) = delete;
    ~HeldBlock() {
        if (source_ != nullptr)
            source_->release(block_, frame_);
    }

    Bytes bytes() const {
        return {static_cast<const std::uint8_t*>(arch::physical_pointer(frame_)),
                vocabulary::erofs::k_block_size};
    }
    // The caller then releases it.
    PhysAddr leak() {
        source_ = nullptr;
        return frame_;
    }

private:
    HeldBlock(BlockSource& source, std::uint64_t block, PhysAddr frame)
        : source_(&source), block_(block), frame_(frame) {}

    BlockSource* source_;
    std::uint64_t block_;
    PhysAddr frame_;
};

} // namespace os::erofs
