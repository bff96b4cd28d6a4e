// A value or an error, without exceptions. Shared by the tool and the library OS, hence
// freestanding: nothing here needs more than the compiler's own headers.
#pragma once

#include <new>
#include <type_traits>
#include <utility>

namespace vocabulary {

// Tells "the error of a Result" from "its value" where both have the same type.
template <typename E>
struct Failure {
    E error;
};

template <typename E>
Failure(E) -> Failure<E>;

template <typename T, typename E>
class [[nodiscard]] Result {
public:
    using Value = T;
    using ErrorType = E;

    Result(T value) : value_(static_cast<T&&>(value)), ok_(true) {}
    Result(E error) requires(!std::is_same_v<T, E>) : error_(static_cast<E&&>(error)), ok_(false) {}
    template <typename F>
    Result(Failure<F> failure) : error_(static_cast<F&&>(failure.error)), ok_(false) {}

    Result(Result&& other) noexcept : ok_(other.ok_) {
        if (ok_)
            new (&value_) T(static_cast<T&&>(other.value_));
        else
            new (&error_) E(static_cast<E&&>(other.error_));
    }
    Result(const Result& other) requires(
        std::is_copy_constructible_v<T>&& std::is_copy_constructible_v<E>)
        : ok_(other.ok_) {
        if (ok_)
            new (&value_) T(other.value_);
        else
            new (&error_) E(other.error_);
    }
    Result& operator=(Result&& other) noexcept {
        if (this != &other) {
            this->~Result();
            new (this) Result(static_cast<Result&&>(other));
        }
        return *this;
    }
    ~Result() {
        if (ok_)
            value_.~T();
        else
            error_.~E();
    }

    bool ok() const { return ok_; }
    explicit operator bool() const { return ok_; }

    // Precondition of each: ok() for the value, !ok() for the error.
    T& value() & { return value_; }
    const T& value() const& { return value_; }
    T&& value() && { return static_cast<T&&>(value_); }
    E& error() & { return error_; }
    const E& error() const& { return error_; }
    E&& error() && { return static_cast<E&&>(error_); }

    T* operator->() { return &value_; }
    const T* operator->() const { return &value_; }
    T& operator*() & { return value_; }
    const T& operator*() const& { return value_; }

private:
    union {
        T value_;
        E error_;
    };
    bool ok_;
};

template <typename E>
class [[nodiscard]] Result<void, E> {
public:
    using Value = void;
    using ErrorType = E;

    Result() : ok_(true) {}
    Result(E error) : error_(static_cast<E&&>(error)), ok_(false) {}
    template <typename F>
    Result(Failure<F> failure) : error_(static_cast<F&&>(failure.error)), ok_(false) {}

    Result(Result&& other) noexcept : ok_(other.ok_) {
        if (!ok_)
            new (&error_) E(static_cast<E&&>(other.error_));
    }
    Result(const Result& other) requires(std::is_copy_constructible_v<E>) : ok_(other.ok_) {
        if (!ok_)
            new (&error_) E(other.error_);
    }
    Result& operator=(Result&& other) noexcept {
        if (this != &other) {
            this->~Result();
            new (this) Result(static_cast<Result&&>(other));
        }
        return *this;
    }
    ~Result() {
        if (!ok_)
            error_.~E();
    }

    bool ok() const { return ok_; }
    explicit operator bool() const { return ok_; }
    void value() const {}
    E& error() & { return error_; }
    const E& error() const& { return error_; }
    E&& error() && { return static_cast<E&&>(error_); }

private:
    union {
        E error_;
    };
    bool ok_;
};

} // namespace vocabulary

// Yields the value of a Result, or returns its error from the enclosing function. Each use has a
// variable of its own, so that one may stand inside another.
#define UNIK_TRY(expression) UNIK_TRY_NUMBERED(expression, __COUNTER__)
#define UNIK_TRY_NUMBERED(expression, number) UNIK_TRY_NAMED(expression, number)
#define UNIK_TRY_NAMED(expression, number) UNIK_TRY_AS(expression, unik_try_result_##number)
#define UNIK_TRY_AS(expression, name)                                                              \
    __extension__({                                                                                \
        auto name = (expression);                                                                  \
        if (!name.ok())                                                                            \
            return ::vocabulary::Failure{::std::move(name).error()};                               \
        ::std::move(name).value();                                                                 \
    })
