// Whether an application can run on a target at all, as far as its Unikfile tells: asked before
// anything is compiled.
#pragma once

#include <vector>

#include <manifests/catalogue.hpp>
#include <support/result.hpp>
#include <unikfile/manifest.hpp>

namespace unik::components {

// Error target-unsuitable: a diagnostic for each target and reason.
Result<void> check_suitable(const unikfile::Manifest& manifest,
                            const std::vector<const manifests::Target*>& targets);

} // namespace unik::components
