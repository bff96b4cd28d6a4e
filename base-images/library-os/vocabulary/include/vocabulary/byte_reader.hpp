// Bounded reading of bytes from outside: a read past the end fails and moves nothing.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vocabulary {

class ByteReader {
public:
    constexpr ByteReader(const void* data, std::size_t size)
        : data_(static_cast<const std::uint8_t*>(data)), size_(size) {}

    constexpr std::size_t size() const { return size_; }
    constexpr std::size_t position() const { return position_; }
    constexpr std::size_t remaining() const { return size_ - position_; }

    // False, and no move, when offset lies past the end.
    constexpr bool seek(std::size_t offset) {
        if (offset > size_)
            return false;
        position_ = offset;
        return true;
    }
    constexpr bool skip(std::size_t count) {
        if (count > remaining())
            return false;
        position_ += count;
        return true;
    }

    // The next count bytes, or null when fewer are left.
    constexpr const std::uint8_t* take(std::size_t count) {
        if (count > remaining())
            return nullptr;
        const std::uint8_t* bytes = data_ + position_;
        position_ += count;
        return bytes;
    }

    // T is a plain structure without padding; it is copied, so alignment does not matter.
    template <typename T>
    bool read(T& out) {
        const std::uint8_t* bytes = take(sizeof(T));
        if (bytes == nullptr)
            return false;
        __builtin_memcpy(&out, bytes, sizeof(T));
        return true;
    }

private:
    const std::uint8_t* data_;
    std::size_t size_;
    std::size_t position_ = 0;
};

} // namespace vocabulary
