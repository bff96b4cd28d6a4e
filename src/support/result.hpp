// Result of the tool's own functions: a value, or an Error with all that a user needs to act.
#pragma once

#include <string>
#include <utility>

#include <support/diagnostic.hpp>
#include <vocabulary/result.hpp>

namespace unik {

template <typename T>
using Result = vocabulary::Result<T, Error>;

} // namespace unik
