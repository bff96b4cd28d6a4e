// What several commands need to begin with.
#pragma once

#include <cli/invocation.hpp>
#include <manifests/catalogue.hpp>

namespace unik::cli {

// The catalogue with the overlay of --manifests or $UNIK_MANIFESTS.
Result<manifests::Catalogue> load_catalogue(const Invocation& invocation);

// A target named on the command line: an unknown one is a usage error.
Result<const manifests::Target*> find_target(const manifests::Catalogue& catalogue,
                                             const std::string& name);
// The same for TARGET or TARGET:FORMAT.
Result<manifests::TargetImage> find_image(const manifests::Catalogue& catalogue,
                                          const std::string& name);

} // namespace unik::cli
