// Whether an application can run on a target at all, as far as its Unikfile tells: asked before
// anything is compiled.
#pragma once

#include <vector>

#include <manifests/catalogue.hpp>
#include <support/result.hpp>
#include <unikfile/manifest.hpp>
#include <vocabulary/root_layout.hpp>

namespace unik::components {

// Error target-unsuitable: a diagnostic for each target and reason, as for the next one.
Result<void> check_suitable(const unikfile::Manifest& manifest,
                            const std::vector<const manifests::Target*>& targets);

// The same for where the root file system lies, once that is known.
Result<void> check_root(const unikfile::Manifest& manifest, vocabulary::RootPlace root,
                        const std::vector<const manifests::Target*>& targets);

} // namespace unik::components
