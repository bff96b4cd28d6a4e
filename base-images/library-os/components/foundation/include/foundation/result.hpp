// Result of the library OS's functions: a value, or an error number.
#pragma once

#include <foundation/errno.hpp>
#include <vocabulary/result.hpp>

namespace os {

template <typename T>
using Result = vocabulary::Result<T, Errno>;

} // namespace os
