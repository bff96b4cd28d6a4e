#include "receive_queue.hpp"

namespace os::sockets {

namespace {
// Small pieces behind others are gathered in one buffer: a peer that sends single bytes to a
// program that does not read would otherwise take a buffer for each.
constexpr std::size_t k_small = 256;
constexpr std::size_t k_gathered = 2048;

std::size_t least(std::size_t a, std::size_t b) {
    return a < b ? a : b;
}
} // namespace

void ReceiveQueue::append(pbuf* chain) {
    const std::size_t count = chain->tot_len;
    size_ += count;
    if (first_ != nullptr && count <= k_small) {
        if (room_ < count) {
            pbuf* gathering = pbuf_alloc(PBUF_RAW, k_gathered, PBUF_RAM);
            if (gathering != nullptr) {
                gathering->len = 0;
                link(gathering);
                room_ = k_gathered;
            }
        }
        if (room_ >= count) {
            pbuf_copy_partial(chain, static_cast<std::uint8_t*>(last_->payload) + last_->len,
                              static_cast<u16_t>(count), 0);
            last_->len = static_cast<u16_t>(last_->len + count);
            room_ -= count;
            pbuf_free(chain);
            return;
        }
    }
    link(chain);
    room_ = 0;
}

void ReceiveQueue::link(pbuf* chain) {
    if (first_ == nullptr)
        first_ = chain;
    else
        last_->next = chain;
    last_ = chain;
    while (last_->next != nullptr)
        last_ = last_->next;
}

std::size_t ReceiveQueue::peek(MutableBytes out, std::size_t offset) const {
    std::size_t skipped = offset + offset_;
    std::size_t copied = 0;
    for (const pbuf* part = first_; part != nullptr && copied < out.size(); part = part->next) {
        if (skipped >= part->len) {
            skipped -= part->len;
            continue;
        }
        const std::size_t count = least(part->len - skipped, out.size() - copied);
        __builtin_memcpy(out.data() + copied,
                         static_cast<const std::uint8_t*>(part->payload) + skipped, count);
        copied += count;
        skipped = 0;
    }
    return copied;
}

std::size_t ReceiveQueue::take(MutableBytes out) {
    return drop(peek(out, 0));
}

std::size_t ReceiveQueue::drop(std::size_t count) {
    const std::size_t dropped = least(count, size_);
    size_ -= dropped;
    std::size_t left = dropped;
    while (first_ != nullptr && left >= first_->len - offset_) {
        left -= first_->len - offset_;
        offset_ = 0;
        pbuf* done = first_;
        first_ = done->next;
        done->next = nullptr; // the rest of the chain is ours, not its
        pbuf_free(done);
    }
    offset_ += left;
    if (first_ == nullptr) {
        last_ = nullptr;
        room_ = 0;
    }
    return dropped;
}

} // namespace os::sockets
