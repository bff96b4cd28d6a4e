// Memory that a device can transfer to and from: contiguous frames, for as long as a call takes.
#pragma once

#include <foundation/result.hpp>
#include <foundation/span.hpp>
#include <foundation/types.hpp>

namespace os::block {

class TransferBuffer {
public:
    // As large as `wanted`, or smaller where memory is scattered; at least one page.
    static Result<TransferBuffer> create(std::size_t wanted);
    TransferBuffer(TransferBuffer&& other) noexcept;
    TransferBuffer& operator=(TransferBuffer&&) = delete;
    ~TransferBuffer();

    std::size_t size() const { return bytes_.size(); }
    MutableBytes part(std::size_t count) const { return bytes_.part(0, count); }

private:
    TransferBuffer(MutableBytes bytes, unsigned order) : bytes_(bytes), order_(order) {}
    MutableBytes bytes_;
    unsigned order_;
};

// Whether a device can transfer to and from this memory itself.
bool is_transferable(const void* memory);

} // namespace os::block
