#include <block/transfer_buffer.hpp>

#include <arch/paging.hpp>
#include <memory/frames.hpp>

namespace os::block {

namespace {
constexpr unsigned k_greatest_order = 5; // 128 KiB: beyond that a request's cost is its bytes
constexpr std::uint64_t k_alignment = 4;
} // namespace

Result<TransferBuffer> TransferBuffer::create(std::size_t wanted) {
    unsigned order = 0;
    while (order < k_greatest_order && (k_page_size << order) < wanted)
        ++order;
    for (;; --order) {
        const Result<PhysAddr> frames = memory::allocate_frames(order);
        if (frames.ok())
            return TransferBuffer(
                {static_cast<std::uint8_t*>(arch::physical_pointer(frames.value())),
                 k_page_size << order},
                order);
        if (order == 0)
            return frames.error();
    }
}

TransferBuffer::TransferBuffer(TransferBuffer&& other) noexcept
    : bytes_(other.bytes_), order_(other.order_) {
    other.bytes_ = {};
}

TransferBuffer::~TransferBuffer() {
    if (!bytes_.empty())
        memory::free_frames(memory::physical_address(bytes_.data()), order_);
}

// Of the kernel's memory only the map of all RAM is contiguous.
bool is_transferable(const void* memory) {
    const auto address = reinterpret_cast<std::uint64_t>(memory);
    return address >= arch::k_physical_map && address < arch::k_kernel_areas &&
           address % k_alignment == 0;
}

} // namespace os::block
