// What several commands need to begin with.
#pragma once

#include <cli/invocation.hpp>
#include <manifests/catalogue.hpp>

namespace unik::cli {

// The catalogue with the overlay of --manifests or $UNIK_MANIFESTS.
Result<manifests::Catalogue> load_catalogue(const Invocation& invocation);

} // namespace unik::cli
