#include <new>

#include <arch/paging.hpp>
#include <memory/frames.hpp>
#include <net-core/receive_buffers.hpp>

namespace os::net {

static_assert(__builtin_offsetof(ReceiveBuffer, bytes) <=
              ReceiveBuffer::k_slot - ReceiveBuffer::k_capacity);

ReceiveBuffer* ReceiveBuffers::take() {
    if (free_ == nullptr && !grow()) {
        starved_ = true;
        return nullptr;
    }
    ReceiveBuffer* buffer = free_;
    free_ = buffer->next_free;
    return buffer;
}

void ReceiveBuffers::give_back(ReceiveBuffer& buffer) {
    buffer.next_free = free_;
    free_ = &buffer;
    if (starved_) {
        starved_ = false;
        on_release_(argument_);
    }
}

void ReceiveBuffers::set_on_release(void (*action)(void*), void* argument) {
    on_release_ = action;
    argument_ = argument;
}

void ReceiveBuffers::release(Packet& packet) {
    // The packet is the buffer's first member.
    auto& buffer = reinterpret_cast<ReceiveBuffer&>(packet);
    buffer.pool->give_back(buffer);
}

bool ReceiveBuffers::grow() {
    const Result<PhysAddr> frame =
        reach_ == Reach::everywhere ? memory::allocate_frames(0) : memory::allocate_low_frames(0);
    if (!frame.ok())
        return false;
    for (std::size_t offset = 0; offset < k_page_size; offset += ReceiveBuffer::k_slot) {
        const PhysAddr slot = frame.value() + offset;
        auto* buffer = new (arch::physical_pointer(slot)) ReceiveBuffer;
        buffer->pool = this;
        buffer->address = slot + __builtin_offsetof(ReceiveBuffer, bytes);
        buffer->packet.release = &ReceiveBuffers::release;
        buffer->next_free = free_;
        free_ = buffer;
    }
    return true;
}

} // namespace os::net
