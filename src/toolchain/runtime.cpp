#include <toolchain/runtime.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <support/utf8.hpp>
#include <toolchain/project_tree.hpp>

namespace unik::toolchain {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_longest_version = 100;

// The executable itself, or a folder that holds it, directly or in bin/.
Result<fs::path> named_runtime(const manifests::Language& language,
                               const unikfile::Manifest& manifest) {
    const fs::path given = manifest.directory / manifest.build.runtime;
    const std::string& program = language.runtime.program;
    std::error_code status;
    for (const fs::path& candidate : {given, given / "bin" / program, given / program})
        if (fs::is_regular_file(candidate, status))
            return candidate;
    return make_error("no-runtime",
                      fmt::format("'build.runtime' names {}: expected the program '{}' there, or a "
                                  "folder that holds bin/{}",
                                  in_quotes(manifest.build.runtime), program, program),
                      "leave the key out to take the one that the host has");
}

// The first line that a script prints.
std::string first_line(const Completed& completed) {
    return completed.output.substr(0, completed.output.find('\n'));
}

// What it starts, where it is a version manager's script.
Result<fs::path> located(const manifests::Language& language, const unikfile::Manifest& manifest,
                         const fs::path& program) {
    if (language.runtime.locate.empty() || is_executable(program))
        return program;
    const Shell shell{manifest.directory, {{"UNIK_RUNTIME", program.string()}}, {}};
    return fs::path(first_line(
        UNIK_TRY(shell.run(language.runtime.locate,
                           fmt::format("the question where '{}' is", language.runtime.program)))));
}

Error missing(const manifests::Language& language) {
    std::string packages;
    for (const std::string& package : language.packages)
        packages += " " + package;
    return make_error("missing-tool",
                      fmt::format("building '{}' needs the program '{}', which is not installed",
                                  language.name, language.runtime.program),
                      packages.empty()
                          ? "install it, or name it in the Unikfile: 'build: {runtime: PATH}'"
                          : fmt::format("on Debian: apt-get install{}", packages),
                      ExitCode::missing_tool);
}

} // namespace

Result<FoundRuntime> find_runtime(const manifests::Language& language,
                                  const unikfile::Manifest& manifest) {
    FoundRuntime found;
    if (language.runtime.program.empty()) {
        if (!manifest.build.runtime.empty())
            return make_error(
                "no-runtime",
                fmt::format("'build.runtime' is given, and programs in '{}' have no runtime",
                            language.name),
                "leave the key out");
        return found;
    }
    found.chosen = !manifest.build.runtime.empty();
    if (found.chosen) {
        found.program = UNIK_TRY(named_runtime(language, manifest));
    } else {
        const auto program = find_program(language.runtime.program);
        if (!program)
            return missing(language);
        found.program = *program;
    }
    std::error_code status;
    if (language.interpreted) {
        found.program = UNIK_TRY(located(language, manifest, found.program));
        found.program = fs::canonical(found.program, status);
        if (status || !is_executable(found.program))
            return make_error(
                "no-runtime",
                fmt::format("expected an ELF executable at {}, found something else",
                            in_quotes(found.program.string())),
                "a version manager's shim cannot go into an image: name the program that it stands "
                "for in the Unikfile: 'build: {runtime: PATH}'");
    }
    found.root = found.program.parent_path().parent_path();
    return found;
}

Result<std::string> runtime_version(const manifests::Language& language, const Shell& shell) {
    if (language.runtime.version.empty())
        return std::string();
    const Completed completed = UNIK_TRY(
        shell.run(language.runtime.version,
                  fmt::format("the question for the version of '{}'", language.runtime.program)));
    const std::string line = first_line(completed);
    const bool is_text =
        std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; });
    if (line.empty() || line.size() > k_longest_version || !is_text)
        return make_error("no-runtime",
                          fmt::format("expected a version in one line from '{}', found {}",
                                      language.runtime.program, in_quotes(line)),
                          "correct 'runtime: {version: …}' in the language's manifest");
    return fmt::format("{} {}", language.name, line);
}

} // namespace unik::toolchain
