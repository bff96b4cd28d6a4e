// The options of `unik run` as values.
#pragma once

#include <bundle/bundle.hpp>
#include <cli/invocation.hpp>
#include <machine/machine.hpp>

namespace unik::cli {

// "8080:80", "0:53/udp", "80" (the same on both sides).
Result<machine::PortForward> parse_port_forward(const std::string& text);

// "NAME=VALUE", or "NAME" for the value it has on the host (an error when it has none).
Result<std::pair<std::string, std::string>> parse_variable(const std::string& text,
                                                           const std::string& where);

// What the command line says, checked before anything is built.
Result<machine::RunOptions> run_options(const Invocation& invocation);

// The machine that the command line asks for.
manifests::Wishes wishes(const Invocation& invocation);

// The image's own values where the command line left them open.
void fill_in(machine::RunOptions& options, const Invocation& invocation,
             const bundle::Image& image);

} // namespace unik::cli
