// image.json: the record of a build, for unik run, inspect and later push. Nothing in it depends on
// where or when the build ran.
#pragma once

#include <nlohmann/json.hpp>

#include <analysis/needs.hpp>
#include <cli/images.hpp>
#include <components/selection.hpp>
#include <link/kernel.hpp>
#include <manifests/catalogue.hpp>
#include <rootfs/rootfs.hpp>
#include <support/result.hpp>
#include <toolchain/application.hpp>

namespace unik::cli {

struct BuildParts {
    const toolchain::Application* application = nullptr;
    const analysis::Needs* needs = nullptr;
    const components::Selection* selection = nullptr;
    const link::Kernel* kernel = nullptr;
    const rootfs::RootFs* root = nullptr;
    Images images;
};

Result<nlohmann::json> image_record(const BuildParts& parts);

} // namespace unik::cli
