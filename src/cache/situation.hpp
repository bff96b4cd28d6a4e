// What a build depends on, as digests.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <manifests/catalogue.hpp>
#include <toolchain/application.hpp>
#include <unikfile/manifest.hpp>

namespace unik::cache {

struct Situation {
    unikfile::Manifest manifest;
    const manifests::Catalogue* catalogue = nullptr;
    std::filesystem::path bundle;
    std::string signing{}; // tells how the bundle is signed, without a secret; empty: not at all
};

// Names, kinds, modes and links of all that lies in the folder, but for version control and the
// bundle with its staging folders. Nothing when a link leads to a folder (what is behind it would
// not be seen) or there is too much.
std::optional<std::string> tree_digest(const std::filesystem::path& folder,
                                       const std::filesystem::path& bundle);

// All that is known before a tool runs: this unik, the Unikfile, the manifests, the tools, the
// environment, the names in the project. Nothing when a part of it cannot be told.
std::optional<std::string> given_digest(const Situation& situation);

// All that decides what the link and the disks become.
std::optional<std::string> linked_digest(const Situation& situation,
                                         const toolchain::Application& application);

} // namespace unik::cache
