// A growing array on the kernel heap; growing is fallible.
#pragma once

#include <cstddef>
#include <new>
#include <utility>

#include <foundation/heap.hpp>
#include <foundation/panic.hpp>
#include <foundation/result.hpp>
#include <foundation/span.hpp>

namespace os {

template <typename T>
class Vector {
public:
    Vector() = default;
    Vector(Vector&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)),
          capacity_(std::exchange(other.capacity_, 0)) {}
    Vector& operator=(Vector&& other) noexcept {
        if (this != &other) {
            this->~Vector();
            new (this) Vector(std::move(other));
        }
        return *this;
    }
    ~Vector() {
        clear();
        heap_free(data_);
    }

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    T* data() { return data_; }
    const T* data() const { return data_; }
    T* begin() { return data_; }
    T* end() { return data_ + size_; }
    const T* begin() const { return data_; }
    const T* end() const { return data_ + size_; }
    T& operator[](std::size_t index) {
        UNIK_ASSERT(index < size_);
        return data_[index];
    }
    const T& operator[](std::size_t index) const {
        UNIK_ASSERT(index < size_);
        return data_[index];
    }
    Span<T> span() { return {data_, size_}; }
    Span<const T> span() const { return {data_, size_}; }

    Result<void> reserve(std::size_t capacity) {
        if (capacity <= capacity_)
            return {};
        if (capacity > SIZE_MAX / sizeof(T))
            return Errno::enomem;
        T* grown = static_cast<T*>(heap_allocate(capacity * sizeof(T)));
        if (grown == nullptr)
            return Errno::enomem;
        for (std::size_t i = 0; i < size_; ++i) {
            new (&grown[i]) T(std::move(data_[i]));
            data_[i].~T();
        }
        heap_free(data_);
        data_ = grown;
        capacity_ = capacity;
        return {};
    }
    Result<void> push(T value) {
        if (size_ == capacity_)
            UNIK_TRY(reserve(capacity_ == 0 ? 8 : capacity_ * 2));
        new (&data_[size_++]) T(std::move(value));
        return {};
    }
    Result<void> append(Span<const T> values) {
        UNIK_TRY(reserve(size_ + values.size()));
        for (const T& value : values)
            new (&data_[size_++]) T(value);
        return {};
    }
    // New members are value-initialised.
    Result<void> resize(std::size_t size) {
        UNIK_TRY(reserve(size));
        while (size_ > size)
            pop();
        while (size_ < size)
            new (&data_[size_++]) T();
        return {};
    }
    // To a size above today's; in steps that double, so that going up one by one is not quadratic.
    Result<void> grow(std::size_t size) {
        if (size > capacity_)
            UNIK_TRY(reserve(size < capacity_ * 2 ? capacity_ * 2 : size));
        return resize(size);
    }
    void pop() {
        UNIK_ASSERT(size_ > 0);
        data_[--size_].~T();
    }
    // Keeps the order.
    void erase(std::size_t index) {
        UNIK_ASSERT(index < size_);
        for (std::size_t i = index; i + 1 < size_; ++i)
            data_[i] = std::move(data_[i + 1]);
        pop();
    }
    void clear() {
        while (size_ > 0)
            pop();
    }

private:
    T* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

using String = Vector<char>;

} // namespace os
