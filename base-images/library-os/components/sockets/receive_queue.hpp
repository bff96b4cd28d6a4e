// The bytes that TCP received and the program has not read: lwIP's buffers in one chain, whatever
// its length (lwIP's own chains end at 64 KiB).
#pragma once

#include <foundation/span.hpp>

#include <lwip/opt.h>

#include <lwip/pbuf.h>

namespace os::sockets {

class ReceiveQueue {
public:
    ReceiveQueue() = default;
    ReceiveQueue(const ReceiveQueue&) = delete;
    ReceiveQueue& operator=(const ReceiveQueue&) = delete;
    ~ReceiveQueue() { clear(); }

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    void append(pbuf* chain); // takes it over
    // Copies without taking, from `offset` on; returns how much there was.
    std::size_t peek(MutableBytes out, std::size_t offset) const;
    std::size_t take(MutableBytes out);
    std::size_t drop(std::size_t count);
    void clear() { drop(size_); }

private:
    void link(pbuf* chain);

    pbuf* first_ = nullptr;
    pbuf* last_ = nullptr;
    std::size_t offset_ = 0; // already taken of the first
    std::size_t size_ = 0;
    std::size_t room_ = 0; // behind the last one, where it is a gathering buffer
};

} // namespace os::sockets
