// The recipe of a language that fits a project.
#pragma once

#include <filesystem>

#include <manifests/catalogue.hpp>
#include <support/result.hpp>

namespace unik::toolchain {

// The language must have recipes.
Result<const manifests::BuildRecipe*> choose_recipe(const manifests::Language& language,
                                                    const std::filesystem::path& directory);

} // namespace unik::toolchain
