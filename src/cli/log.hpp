// unik's own diagnostics on stderr, by spdlog: the commands that run, decisions, the guest's
// events. Silent below a warning unless -v (info) or $UNIK_LOG (any level) asks.
#pragma once

#include <spdlog/logger.h>

#include <cli/invocation.hpp>

namespace unik::cli {

// Sets the level. Errors: $UNIK_LOG names no level.
Result<void> start_log(const Invocation& invocation);

spdlog::logger& log();

} // namespace unik::cli
