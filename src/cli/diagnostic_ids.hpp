// Every id that stands in brackets behind a message, with its meaning, for unik(1). Ids are stable:
// scripts may look for them.
#pragma once

#include <span>
#include <string_view>

namespace unik::cli {

struct DiagnosticId {
    std::string_view id;
    std::string_view meaning; // no full stop
};

// What unik itself says. Sorted.
std::span<const DiagnosticId> diagnostic_ids();

// What a running image warns of. Sorted.
std::span<const DiagnosticId> guest_warning_ids();

} // namespace unik::cli
