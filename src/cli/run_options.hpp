// The options of `unik run` as values.
#pragma once

#include <cli/invocation.hpp>
#include <machine/machine.hpp>

namespace unik::cli {

// "8080:80", "0:53/udp", "80" (the same on both sides).
Result<machine::PortForward> parse_port_forward(const std::string& text);

// "NAME=VALUE", or "NAME" for the value it has on the host (an error when it has none).
Result<std::pair<std::string, std::string>> parse_variable(const std::string& text,
                                                           const std::string& where);

// Everything but the bundle; image values fill in what the options leave open.
Result<machine::RunOptions> run_options(const Invocation& invocation, Bytes image_memory,
                                        unsigned image_cpus,
                                        const std::vector<unikfile::Port>& expose);

} // namespace unik::cli
