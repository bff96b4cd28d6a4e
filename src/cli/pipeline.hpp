// The pipeline from Unikfile to bundle, as `unik build` and `unik run` drive it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <cli/build_signing.hpp>
#include <cli/progress.hpp>
#include <manifests/catalogue.hpp>
#include <nlohmann/json.hpp>
#include <support/result.hpp>
#include <toolchain/toolchain.hpp>

namespace unik::cli {

struct BuildRequest {
    std::filesystem::path directory = ".";
    std::filesystem::path file;       // empty: directory/Unikfile
    std::filesystem::path output;     // empty: directory/NAME.unik
    std::vector<std::string> targets; // empty: the Unikfile's
    std::vector<std::string> also;    // further ones, where they are not among those
    toolchain::Cache cache = toolchain::Cache::use;
    SigningRequest signing;
};

struct BuildOutcome {
    std::filesystem::path bundle;
    nlohmann::json document; // image.json without the digests
};

Result<BuildOutcome> build_bundle(const BuildRequest& request,
                                  const manifests::Catalogue& catalogue, Progress& progress);

} // namespace unik::cli
