// The toolchain stage: the language's own tools make an executable; it and the files are collected.
// What could make two builds differ is fixed: locale, time zone, the date that compilers write, and
// (by the recipes) the names of folders.
#include <toolchain/toolchain.hpp>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include <support/process.hpp>
#include <support/text.hpp>
#include <support/utf8.hpp>
#include <toolchain/collect.hpp>
#include <toolchain/detect.hpp>
#include <toolchain/dynamic_program.hpp>
#include <toolchain/ignore.hpp>
#include <toolchain/printed_files.hpp>
#include <toolchain/project_tree.hpp>
#include <toolchain/runtime.hpp>
#include <toolchain/shell.hpp>
#include <toolchain/workspace.hpp>

namespace unik::toolchain {
namespace {

namespace fs = std::filesystem;

constexpr Bytes k_executable_limit{1ULL << 30};
constexpr std::uint16_t k_usual_port = 8080;
constexpr Bytes k_list_limit{64 << 20}; // of the files that a recipe writes

// What is run and where its result is, from the Unikfile or from a recipe.
struct Plan {
    std::string title; // "the recipe 'make'"
    std::string command;
    std::vector<std::string> tools;
    std::vector<std::string> packages;
    // Without its command where the Unikfile has one. Of a compiled language nothing else is kept
    // then either: who names the command says what comes of it.
    manifests::BuildRecipe recipe;
};

Result<Plan> make_plan(const manifests::Language& language, const unikfile::Manifest& manifest) {
    Plan plan;
    plan.tools = language.tools;
    plan.packages = language.packages;
    const bool own_command = !manifest.build.command.empty();
    if (!language.recipes.empty() && (!own_command || language.interpreted)) {
        plan.recipe = *UNIK_TRY(choose_recipe(language, manifest.directory));
        plan.title = fmt::format("the recipe '{}' of '{}'", plan.recipe.name, language.name);
        plan.command = plan.recipe.command;
        plan.tools.insert(plan.tools.end(), plan.recipe.tools.begin(), plan.recipe.tools.end());
        plan.packages.insert(plan.packages.end(), plan.recipe.packages.begin(),
                             plan.recipe.packages.end());
    }
    if (own_command) {
        plan.title = "the Unikfile's build command";
        plan.command = manifest.build.command;
    }
    return plan;
}

Result<void> check_tools(const Plan& plan, const manifests::Language& language) {
    Error error;
    error.exit_code = ExitCode::missing_tool;
    for (const std::string& tool : plan.tools) {
        if (find_program(tool))
            continue;
        std::string packages;
        for (const std::string& package : plan.packages)
            packages += " " + package;
        Error missing =
            make_error("missing-tool",
                       fmt::format("building '{}' needs the program '{}', which is not installed",
                                   language.name, tool),
                       packages.empty() ? "'unik doctor' lists what is missing"
                                        : fmt::format("on Debian: apt-get install{}", packages));
        error.diagnostics.push_back(std::move(missing.diagnostics[0]));
    }
    if (!error.diagnostics.empty())
        return error;
    return {};
}

Environment own_variables(const unikfile::Manifest& manifest, const Workspace& workspace,
                          const FoundRuntime& runtime) {
    return {{"UNIK_SOURCE", manifest.directory.string()},
            {"UNIK_OUT", workspace.out().string()},
            {"UNIK_TOOLS", workspace.tools().string()},
            {"UNIK_NAME", manifest.name},
            {"UNIK_ENTRY", manifest.build.output},
            {"UNIK_PORT",
             fmt::format("{}", manifest.expose.empty() ? k_usual_port : manifest.expose[0].number)},
            {"UNIK_RUNTIME", runtime.program.string()},
            {"UNIK_RUNTIME_ROOT", runtime.root.string()},
            {"UNIK_OWN_COMMAND", manifest.build.command.empty() ? "" : "yes"},
            {"UNIK_JOBS", fmt::format("{}", std::max(1U, std::thread::hardware_concurrency()))}};
}

Environment build_environment(const manifests::Language& language,
                              const unikfile::Manifest& manifest, const FoundRuntime& runtime,
                              const Environment& own) {
    Environment out = own;
    out["LC_ALL"] = "C";
    out["TZ"] = "UTC";
    if (std::getenv("SOURCE_DATE_EPOCH") == nullptr)
        out["SOURCE_DATE_EPOCH"] = "0";
    // Its own tools (npm, pip, javac) stand beside a runtime.
    const char* path = std::getenv("PATH");
    if (runtime.chosen)
        out["PATH"] = fmt::format("{}:{}", runtime.program.parent_path().string(),
                                  path != nullptr ? path : "/usr/bin:/bin");
    for (const auto& [name, value] : language.environment)
        out[name] = expanded(value, own);
    for (const auto& [name, value] : manifest.build.environment)
        out[name] = value;
    return out;
}

// --no-cache: what earlier builds left in the work folder goes.
Result<void> empty(const Workspace& workspace) {
    for (const fs::path& folder : {workspace.out(), workspace.tools()}) {
        std::error_code status;
        fs::remove_all(folder, status);
        if (!status)
            fs::create_directory(folder, status);
        if (status)
            return file_error("empty the folder", folder, status.value());
    }
    return {};
}

// The lines of a file that a recipe wrote into UNIK_OUT; none where it wrote none.
Result<std::vector<std::string>> lines_of(const fs::path& file) {
    std::error_code status;
    if (!fs::exists(file, status))
        return std::vector<std::string>();
    const std::string text = UNIK_TRY(read_text_file(file, k_list_limit));
    std::vector<std::string> lines;
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        lines.emplace_back(line);
    }
    return lines;
}

constexpr const char* k_inputs = ".inputs";
constexpr const char* k_arguments = ".arguments";
constexpr const char* k_collected = ".collected";

void forget_lists(const Workspace& workspace) {
    for (const char* name : {k_inputs, k_arguments, k_collected}) {
        std::error_code status;
        fs::remove(workspace.out() / name, status);
    }
}

void report_inputs(const Workspace& workspace, const BuildOptions& options) {
    const auto lines = lines_of(workspace.out() / k_inputs);
    if (options.on_inputs && lines.ok() && !lines->empty())
        options.on_inputs({lines->begin(), lines->end()});
}

Error no_executable(std::string message, std::vector<std::string> candidates = {}) {
    Error error = make_error("no-executable", std::move(message),
                             "name the file in the Unikfile: 'build: {output: PATH}'");
    constexpr std::size_t k_shown = 10;
    if (candidates.size() > k_shown)
        candidates.resize(k_shown);
    for (const std::string& candidate : candidates)
        error.diagnostics[0].notes.push_back("found " + in_quotes(candidate));
    return error;
}

// The Unikfile's own word, with its symbolic links resolved. Where nothing is built, an absolute
// path names a program of this machine.
Result<fs::path> named_executable(const unikfile::Manifest& manifest, const Plan& plan) {
    std::error_code status;
    const fs::path project = fs::canonical(manifest.directory, status);
    const fs::path file = fs::canonical(manifest.directory / manifest.build.output, status);
    if (status)
        return no_executable(fmt::format("expected the executable at {} after the build, found "
                                         "nothing there",
                                         in_quotes(manifest.build.output)),
                             executables_in(manifest.directory));
    const bool of_host = fs::path(manifest.build.output).is_absolute() && plan.command.empty();
    const fs::path relative = file.lexically_relative(project);
    if (!of_host && (relative.empty() || *relative.begin() == ".."))
        return make_error("path-escapes",
                          fmt::format("{} leads out of the project, to {}",
                                      in_quotes(manifest.build.output), in_quotes(file.string())),
                          "let the build copy the executable into the project");
    return file;
}

// The newest of those with the image's name, or the only one.
Result<std::optional<fs::path>> search(const fs::path& folder, const std::string& name) {
    const std::vector<std::string> found = executables_in(folder);
    std::optional<fs::path> named;
    fs::file_time_type newest{};
    for (const std::string& file : found) {
        std::error_code status;
        const fs::file_time_type time = fs::last_write_time(folder / file, status);
        if (fs::path(file).filename() != name || (named && time <= newest))
            continue;
        named = folder / file;
        newest = time;
    }
    if (named || found.empty())
        return named;
    if (found.size() > 1)
        return no_executable(
            fmt::format("expected one executable, or one named '{}', found {}", name, found.size()),
            found);
    return std::optional<fs::path>(folder / found[0]);
}

Result<fs::path> find_executable(const Plan& plan, const unikfile::Manifest& manifest,
                                 const Environment& own, const Workspace& workspace) {
    if (!manifest.build.output.empty() && !plan.recipe.takes_entry)
        return named_executable(manifest, plan);
    std::error_code status;
    if (!plan.recipe.output.empty()) {
        const fs::path file = expanded(plan.recipe.output, own);
        const fs::path whole = file.is_absolute() ? file : manifest.directory / file;
        if (fs::is_regular_file(whole, status))
            return whole;
        return no_executable(
            fmt::format("{} made no executable at {}", plan.title, in_quotes(whole.string())));
    }
    for (const fs::path& folder : {workspace.out(), manifest.directory}) {
        if (const auto file = UNIK_TRY(search(folder, manifest.name)))
            return *file;
    }
    return no_executable(fmt::format("found no executable in '{}'", manifest.directory.string()));
}

Result<manifests::Language> find_language(const manifests::Catalogue& catalogue,
                                          const unikfile::Manifest& manifest) {
    std::string name = manifest.language;
    if (name.empty())
        name = UNIK_TRY(detect_language(catalogue, manifest.directory));
    return *UNIK_TRY(catalogue.language(name));
}

fs::path home_folder() {
    const char* home = std::getenv("HOME");
    std::error_code status;
    const fs::path folder = home != nullptr ? fs::canonical(home, status) : fs::path();
    return status || folder == folder.root_path() ? fs::path() : folder;
}

// A runtime's folder is one that files come from, unless all of the home folder would be.
fs::path runtime_folder(const FoundRuntime& runtime, const fs::path& home) {
    std::error_code status;
    const fs::path root = fs::canonical(runtime.root, status);
    const bool holds_home =
        std::mismatch(root.begin(), root.end(), home.begin(), home.end()).first == root.end();
    return status || holds_home ? fs::path() : root;
}

// What the language's own script and the recipe's print.
Result<std::vector<CollectedFile>> collect_printed(const manifests::Language& language,
                                                   const Plan& plan, const FoundRuntime& runtime,
                                                   const Workspace& workspace, const Shell& shell) {
    std::error_code status;
    CollectPlaces places;
    places.project = shell.directory;
    places.out = fs::canonical(workspace.out(), status);
    places.home = home_folder();
    places.runtime_root = runtime_folder(runtime, places.home);
    places.ignored = UNIK_TRY(IgnoreRules::load(shell.directory));
    std::vector<CollectedFile> files;
    for (const std::string* script : {&language.collect, &plan.recipe.collect}) {
        if (script->empty())
            continue;
        const std::string title =
            fmt::format("what {} collects",
                        script == &language.collect ? in_quotes(language.name) : plan.title);
        const fs::path list = workspace.out() / k_collected;
        UNIK_TRY(
            shell.run(fmt::format("exec > \"$UNIK_OUT/{}\"\n{}", k_collected, *script), title));
        const std::string text = UNIK_TRY(read_text_file(list, k_list_limit));
        files = UNIK_TRY(merge_files(UNIK_TRY(files_printed(text, title, places)), files));
    }
    return files;
}

// The program's own place: nothing else may take it. It is no file of its own there.
Result<void> free_entrypoint(std::vector<CollectedFile>& files, const Application& application) {
    const std::string& path = application.manifest.entrypoint;
    const auto there = std::find_if(files.begin(), files.end(),
                                    [&](const CollectedFile& file) { return file.path == path; });
    if (there == files.end())
        return {};
    if (there->source != application.executable_path)
        return make_error("duplicate-path",
                          fmt::format("a file that '{}' collects would take the place of the "
                                      "program at {}",
                                      application.language.name, in_quotes(path)),
                          "choose another 'entrypoint' in the Unikfile");
    files.erase(there);
    return {};
}

bool lies_in(const fs::path& path, const fs::path& folder) {
    return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first ==
           folder.end();
}

// A runtime finds what belongs to it from where it lies itself: it keeps its place.
std::string entrypoint_of(const Plan& plan, const fs::path& executable,
                          const unikfile::Manifest& manifest, const Workspace& workspace) {
    if (!manifest.entrypoint.empty())
        return manifest.entrypoint;
    if (!plan.recipe.entrypoint.empty())
        return plan.recipe.entrypoint;
    if (fs::path(manifest.build.output).is_absolute())
        return manifest.build.output; // its own name counts, not what it is a link to
    const bool own =
        lies_in(executable, manifest.directory) || lies_in(executable, workspace.out());
    return own ? "/bin/" + manifest.name : executable.string();
}

// What the program is started with: the recipe's words, then the Unikfile's.
Result<void> add_arguments(const Plan& plan, const Workspace& workspace, const Environment& own,
                           unikfile::Manifest& manifest) {
    for (const std::string& argument : plan.recipe.args)
        manifest.fixed_args.push_back(expanded(argument, own));
    for (std::string& argument : UNIK_TRY(lines_of(workspace.out() / k_arguments)))
        manifest.fixed_args.push_back(std::move(argument));
    return {};
}

void add_variables(const Plan& plan, const Environment& own, unikfile::Manifest& manifest) {
    for (const auto& [name, value] : plan.recipe.image_environment) {
        const auto same = [&name = name](const auto& variable) { return variable.first == name; };
        if (std::none_of(manifest.environment.begin(), manifest.environment.end(), same))
            manifest.environment.emplace_back(name, expanded(value, own));
    }
}

} // namespace

Result<Application> build(const manifests::Catalogue& catalogue, unikfile::Manifest manifest,
                          const BuildOptions& options) {
    // Compilers record the folder as the system names it, without symbolic links.
    std::error_code status;
    const fs::path project = fs::canonical(manifest.directory, status);
    if (status)
        return file_error("read", manifest.directory, status.value());
    manifest.directory = project;

    Application application;
    application.language = UNIK_TRY(find_language(catalogue, manifest));
    const manifests::Language& language = application.language;
    manifest.language = language.name;

    const Plan plan = UNIK_TRY(make_plan(language, manifest));
    UNIK_TRY(check_tools(plan, language));
    const FoundRuntime runtime = UNIK_TRY(find_runtime(language, manifest));
    application.workspace = std::make_shared<const Workspace>(
        UNIK_TRY(Workspace::open(fmt::format("{}\n{}\n{}\n{}", manifest.directory.string(),
                                             plan.title, plan.command, runtime.program.string()))));
    const Workspace& workspace = *application.workspace;
    if (options.cache == Cache::ignore)
        UNIK_TRY(empty(workspace));
    forget_lists(workspace);
    const Environment own = own_variables(manifest, workspace, runtime);
    const Shell shell{project, build_environment(language, manifest, runtime, own),
                      options.on_output};
    if (!plan.command.empty())
        UNIK_TRY(
            shell.run(language.prepare, fmt::format("the preparation of '{}'", language.name)));
    UNIK_TRY(shell.run(plan.command, plan.title));
    report_inputs(workspace, options);
    application.runtime = UNIK_TRY(runtime_version(language, shell));

    application.executable_path = UNIK_TRY(find_executable(plan, manifest, own, workspace));
    application.executable = UNIK_TRY(read_file(application.executable_path, k_executable_limit));
    manifest.entrypoint = entrypoint_of(plan, application.executable_path, manifest, workspace);
    manifest.directory_in_image = plan.recipe.directory;
    UNIK_TRY(add_arguments(plan, workspace, own, manifest));
    add_variables(plan, own, manifest);
    std::vector<CollectedFile> own_files = UNIK_TRY(collect_files(manifest));
    application.manifest = std::move(manifest);
    std::vector<CollectedFile> printed =
        UNIK_TRY(collect_printed(language, plan, runtime, workspace, shell));
    UNIK_TRY(free_entrypoint(printed, application));
    application.files = UNIK_TRY(merge_files(std::move(own_files), std::move(printed)));
    UNIK_TRY(add_dynamic_parts(application, workspace.out()));
    return application;
}

} // namespace unik::toolchain
