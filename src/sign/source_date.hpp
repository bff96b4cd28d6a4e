// The time that signatures tell: SOURCE_DATE_EPOCH's, and none without it, so that the same build
// gives the same signature.
#pragma once

#include <cstdint>
#include <optional>

namespace unik::sign {

// Seconds since 1970; nothing unless the variable holds a decimal number that a year up to 9999
// has.
std::optional<std::int64_t> source_date();

} // namespace unik::sign
