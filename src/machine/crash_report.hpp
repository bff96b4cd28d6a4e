// The text that people see when the guest crashes: what happened, where, and what to look at.
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

namespace unik::machine {

// For the events "signal", "panic" and "out-of-memory" (see control_channel.hpp: checked, but the
// guest's). debug: the bundle's kernel.debug; without it addresses stay numbers. Ends with a line
// end.
std::string crash_report(const nlohmann::json& event, const std::filesystem::path& debug);

} // namespace unik::machine
