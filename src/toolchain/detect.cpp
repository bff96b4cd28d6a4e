// Which language a project is written in, and which recipe builds it.
#include <toolchain/detect.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <support/text.hpp>
#include <toolchain/glob.hpp>
#include <toolchain/project_tree.hpp>
#include <toolchain/toolchain.hpp>

namespace unik::toolchain {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_elf_prefix = "elf:";

bool any_file_matches(std::string_view pattern, const fs::path& directory,
                      const std::vector<std::string>& files) {
    const bool executables_only = pattern.starts_with(k_elf_prefix);
    if (executables_only)
        pattern.remove_prefix(k_elf_prefix.size());
    const auto glob = Glob::compile(pattern);
    return glob && std::any_of(files.begin(), files.end(), [&](const std::string& file) {
               return glob->matches(file) && (!executables_only || is_executable(directory / file));
           });
}

Error nothing_detected(const manifests::Catalogue& catalogue, const fs::path& directory) {
    Error error = make_error(
        "unknown-language",
        fmt::format("cannot tell the language of the project in '{}'", directory.string()),
        "name it in the Unikfile: 'language: c'");
    for (const auto& [name, language] : catalogue.languages()) {
        if (!language.detect.empty())
            error.diagnostics[0].notes.push_back(
                fmt::format("for {}, looked for {}", name, listing(language.detect)));
    }
    return error;
}

} // namespace

Result<std::string> detect_language(const manifests::Catalogue& catalogue,
                                    const fs::path& directory) {
    const std::vector<std::string> files = project_files(directory);
    const manifests::Language* best = nullptr;
    for (const auto& [name, language] : catalogue.languages()) {
        const bool likely =
            std::any_of(language.detect.begin(), language.detect.end(), [&](const auto& pattern) {
                return any_file_matches(pattern, directory, files);
            });
        if (likely && (best == nullptr || language.priority > best->priority))
            best = &language;
    }
    if (best == nullptr)
        return nothing_detected(catalogue, directory);
    return best->name;
}

Result<const manifests::BuildRecipe*> choose_recipe(const manifests::Language& language,
                                                    const fs::path& directory) {
    const std::vector<std::string> files = project_files(directory);
    for (const manifests::BuildRecipe& recipe : language.recipes) {
        const bool fits =
            std::all_of(recipe.detect.begin(), recipe.detect.end(), [&](const auto& pattern) {
                return any_file_matches(pattern, directory, files);
            });
        if (fits)
            return &recipe;
    }
    Error error =
        make_error("no-recipe",
                   fmt::format("nothing in '{}' says how to build it as '{}'", directory.string(),
                               language.name),
                   "give the command in the Unikfile: 'build: {command: ..., output: ...}'");
    for (const manifests::BuildRecipe& recipe : language.recipes)
        error.diagnostics[0].notes.push_back(
            fmt::format("recipe '{}' needs {}", recipe.name, listing(recipe.detect)));
    return error;
}

} // namespace unik::toolchain
