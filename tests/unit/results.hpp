// What tests expect of a Result: its value, or its error's id.
#pragma once

#include <string>
#include <utility>

#include <doctest/doctest.h>

#include <support/diagnostic.hpp>
#include <support/result.hpp>

namespace unik {

template <typename T>
T must(Result<T> result) {
    if (!result.ok())
        FAIL(to_text(result.error()));
    return std::move(result).value();
}

inline void must(Result<void> result) {
    if (!result.ok())
        FAIL(to_text(result.error()));
}

template <typename T>
std::string id_of(const Result<T>& result) {
    return result.ok() ? "no error" : result.error().diagnostics.at(0).id;
}

} // namespace unik
