// Runs the language's own tools and collects what they made.
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>
#include <vector>

#include <manifests/catalogue.hpp>
#include <support/result.hpp>
#include <toolchain/application.hpp>
#include <unikfile/manifest.hpp>

namespace unik::toolchain {

// Work folders of earlier builds (object files) may be used again, or not.
enum class Cache { use, ignore };

struct BuildOptions {
    Cache cache = Cache::use;
    // Sees the tools' output as it comes (for --progress plain with -v, and for a live view).
    std::function<void(std::string_view)> on_output;
    // Sees the files that the tools read, when the recipe tells them.
    std::function<void(std::vector<std::filesystem::path>)> on_inputs;
};

// The language of a project, by the catalogue's detect patterns; an Error names what was looked
// for.
Result<std::string> detect_language(const manifests::Catalogue& catalogue,
                                    const std::filesystem::path& directory);

// Errors: missing-tool (exit code 3), build-failed with the tool's last lines, no-executable,
// path-escapes, file-error.
Result<Application> build(const manifests::Catalogue& catalogue, unikfile::Manifest manifest,
                          const BuildOptions& options);

} // namespace unik::toolchain
