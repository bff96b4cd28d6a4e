// Ownership: Own<T> for one owner, Ref<T> for counted objects. Creation is fallible.
#pragma once

#include <new>
#include <utility>

#include <foundation/heap.hpp>
#include <foundation/panic.hpp>
#include <foundation/result.hpp>

namespace os {

template <typename T>
class Own {
public:
    Own() = default;
    explicit Own(T* pointer) : pointer_(pointer) {}
    template <typename U>
    Own(Own<U>&& other) : pointer_(other.release()) {}
    Own(Own&& other) noexcept : pointer_(other.release()) {}
    Own& operator=(Own&& other) noexcept {
        if (this != &other)
            reset(other.release());
        return *this;
    }
    ~Own() { reset(nullptr); }

    T* get() const { return pointer_; }
    T& operator*() const { return *pointer_; }
    T* operator->() const { return pointer_; }
    explicit operator bool() const { return pointer_ != nullptr; }
    T* release() {
        T* pointer = pointer_;
        pointer_ = nullptr;
        return pointer;
    }
    void reset(T* pointer) {
        T* old = pointer_;
        pointer_ = pointer;
        if (old != nullptr) {
            old->~T();
            heap_free(old);
        }
    }

private:
    T* pointer_ = nullptr;
};

template <typename T, typename... Arguments>
Result<Own<T>> try_make(Arguments&&... arguments) {
    void* place = heap_allocate(sizeof(T));
    if (place == nullptr)
        return Errno::enomem;
    return Own<T>(new (place) T(std::forward<Arguments>(arguments)...));
}

// Base of counted objects. The count starts at one, held by the Ref that try_make_ref returns.
// Virtual, because the last Ref may know only a base class.
class RefCounted {
public:
    RefCounted() = default;
    RefCounted(const RefCounted&) = delete;
    RefCounted& operator=(const RefCounted&) = delete;
    virtual ~RefCounted() = default;

    void retain() { __atomic_add_fetch(&count_, 1, __ATOMIC_RELAXED); }
    // True when this was the last one.
    bool release() { return __atomic_sub_fetch(&count_, 1, __ATOMIC_ACQ_REL) == 0; }

private:
    unsigned count_ = 1;
};

template <typename T>
class Ref {
public:
    Ref() = default;
    // Adopts a count the caller owns.
    static Ref adopt(T* pointer) {
        Ref ref;
        ref.pointer_ = pointer;
        return ref;
    }
    // Adds a count.
    static Ref share(T* pointer) {
        if (pointer != nullptr)
            pointer->retain();
        return adopt(pointer);
    }
    Ref(const Ref& other) : pointer_(other.pointer_) {
        if (pointer_ != nullptr)
            pointer_->retain();
    }
    Ref(Ref&& other) noexcept : pointer_(other.leak()) {}
    template <typename U>
    Ref(const Ref<U>& other) : Ref(share(other.get())) {}
    template <typename U>
    Ref(Ref<U>&& other) : pointer_(other.leak()) {}
    Ref& operator=(Ref other) noexcept {
        std::swap(pointer_, other.pointer_);
        return *this;
    }
    ~Ref() {
        if (pointer_ != nullptr && pointer_->release()) {
            void* place = dynamic_base(pointer_);
            pointer_->~T();
            heap_free(place);
        }
    }

    T* get() const { return pointer_; }
    T& operator*() const { return *pointer_; }
    T* operator->() const { return pointer_; }
    explicit operator bool() const { return pointer_ != nullptr; }
    // Gives the count away.
    T* leak() {
        T* pointer = pointer_;
        pointer_ = nullptr;
        return pointer;
    }

private:
    // Counted classes derive from RefCounted first and singly, so every base shares one address.
    static void* dynamic_base(T* pointer) { return static_cast<RefCounted*>(pointer); }

    T* pointer_ = nullptr;
};

template <typename T, typename... Arguments>
Result<Ref<T>> try_make_ref(Arguments&&... arguments) {
    void* place = heap_allocate(sizeof(T));
    if (place == nullptr)
        return Errno::enomem;
    return Ref<T>::adopt(new (place) T(std::forward<Arguments>(arguments)...));
}

} // namespace os
