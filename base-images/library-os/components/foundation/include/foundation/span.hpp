// A run of objects with its length, and text. No ownership.
#pragma once

#include <cstddef>
#include <cstdint>

#include <foundation/panic.hpp>

namespace os {

template <typename T>
class Span {
public:
    constexpr Span() = default;
    constexpr Span(T* data, std::size_t size) : data_(data), size_(size) {}
    template <std::size_t N>
    constexpr Span(T (&array)[N]) : data_(array), size_(N) {}
    template <typename U>
    requires(__is_same(const U, T)) constexpr Span(Span<U> other)
        : data_(other.data()), size_(other.size()) {}

    constexpr T* data() const { return data_; }
    constexpr std::size_t size() const { return size_; }
    constexpr bool empty() const { return size_ == 0; }
    constexpr T* begin() const { return data_; }
    constexpr T* end() const { return data_ + size_; }
    constexpr T& operator[](std::size_t index) const {
        UNIK_ASSERT(index < size_);
        return data_[index];
    }
    // Clamped: the part from offset on, at most count objects.
    constexpr Span part(std::size_t offset, std::size_t count = SIZE_MAX) const {
        const std::size_t start = offset < size_ ? offset : size_;
        const std::size_t left = size_ - start;
        return {data_ + start, count < left ? count : left};
    }

private:
    T* data_ = nullptr;
    std::size_t size_ = 0;
};

using Bytes = Span<const std::uint8_t>;
using MutableBytes = Span<std::uint8_t>;

// Text that is not owned and not NUL-terminated.
class StringView {
public:
    constexpr StringView() = default;
    constexpr StringView(const char* text)
        : data_(text), size_(text ? __builtin_strlen(text) : 0) {}
    constexpr StringView(const char* data, std::size_t size) : data_(data), size_(size) {}

    static constexpr std::size_t npos = SIZE_MAX;
    constexpr const char* data() const { return data_; }
    constexpr std::size_t size() const { return size_; }
    constexpr bool empty() const { return size_ == 0; }
    constexpr const char* begin() const { return data_; }
    constexpr const char* end() const { return data_ + size_; }
    constexpr char operator[](std::size_t index) const {
        UNIK_ASSERT(index < size_);
        return data_[index];
    }
    constexpr StringView part(std::size_t offset, std::size_t count = npos) const {
        const std::size_t start = offset < size_ ? offset : size_;
        const std::size_t left = size_ - start;
        return {data_ + start, count < left ? count : left};
    }
    constexpr bool starts_with(StringView prefix) const {
        return size_ >= prefix.size_ && part(0, prefix.size_) == prefix;
    }
    constexpr bool ends_with(StringView suffix) const {
        return size_ >= suffix.size_ && part(size_ - suffix.size_) == suffix;
    }
    constexpr std::size_t find(char wanted, std::size_t from = 0) const {
        for (std::size_t i = from; i < size_; ++i)
            if (data_[i] == wanted)
                return i;
        return npos;
    }
    friend constexpr bool operator==(StringView a, StringView b) {
        if (a.size_ != b.size_)
            return false;
        for (std::size_t i = 0; i < a.size_; ++i)
            if (a.data_[i] != b.data_[i])
                return false;
        return true;
    }

private:
    const char* data_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace os
