// The `files` of a Unikfile, found in the project and placed in the image.
#pragma once

#include <support/result.hpp>
#include <toolchain/application.hpp>
#include <unikfile/manifest.hpp>

namespace unik::toolchain {

// Sorted by path, folders above each entry included, "/" not. The manifest's entrypoint must be
// filled in: nothing else may take its place. Errors: no-such-file, path-escapes, ignored-file,
// duplicate-path, not-a-file, bad-pattern; all of them in one run.
Result<std::vector<CollectedFile>> collect_files(const unikfile::Manifest& manifest);

} // namespace unik::toolchain
