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
#include <toolchain/project_tree.hpp>
#include <toolchain/workspace.hpp>

namespace unik::toolchain {
namespace {

namespace fs = std::filesystem;
using Environment = std::map<std::string, std::string>;

constexpr Bytes k_executable_limit{1ULL << 30};
constexpr Bytes k_inputs_limit{4 << 20};

// What is run and where its result is, from the Unikfile or from a recipe.
struct Plan {
    std::string title; // "the recipe 'make'"
    std::string command;
    std::string output;
    std::vector<std::string> tools;
    std::vector<std::string> packages;
};

Result<Plan> make_plan(const manifests::Language& language, const unikfile::Manifest& manifest) {
    Plan plan;
    plan.tools = language.tools;
    plan.packages = language.packages;
    if (!manifest.build.command.empty()) {
        plan.title = "the Unikfile's build command";
        plan.command = manifest.build.command;
    } else if (!language.recipes.empty()) {
        const manifests::BuildRecipe& recipe =
            *UNIK_TRY(choose_recipe(language, manifest.directory));
        plan.title = fmt::format("the recipe '{}' of '{}'", recipe.name, language.name);
        plan.command = recipe.command;
        plan.output = recipe.output;
        plan.tools.insert(plan.tools.end(), recipe.tools.begin(), recipe.tools.end());
        plan.packages.insert(plan.packages.end(), recipe.packages.begin(), recipe.packages.end());
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

// Replaces ${NAME} by the value of that variable; other text, and unknown names, stay.
std::string expanded(const std::string& text, const Environment& variables) {
    std::string out;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t start = text.find("${", at);
        const std::size_t end =
            start == std::string::npos ? std::string::npos : text.find('}', start);
        if (end == std::string::npos)
            break;
        const auto known = variables.find(text.substr(start + 2, end - start - 2));
        out += text.substr(at, start - at);
        out += known != variables.end() ? known->second : text.substr(start, end + 1 - start);
        at = end + 1;
    }
    return out + text.substr(std::min(at, text.size()));
}

Environment own_variables(const unikfile::Manifest& manifest, const Workspace& workspace) {
    return {{"UNIK_SOURCE", manifest.directory.string()},
            {"UNIK_OUT", workspace.out().string()},
            {"UNIK_TOOLS", workspace.tools().string()},
            {"UNIK_NAME", manifest.name},
            {"UNIK_JOBS", fmt::format("{}", std::max(1U, std::thread::hardware_concurrency()))}};
}

Environment build_environment(const manifests::Language& language,
                              const unikfile::Manifest& manifest, const Environment& own) {
    Environment out = own;
    out["LC_ALL"] = "C";
    out["TZ"] = "UTC";
    if (std::getenv("SOURCE_DATE_EPOCH") == nullptr)
        out["SOURCE_DATE_EPOCH"] = "0";
    for (const auto& [name, value] : language.environment)
        out[name] = expanded(value, own);
    for (const auto& [name, value] : manifest.build.environment)
        out[name] = value;
    return out;
}

Result<void> run_shell(const std::string& script, const std::string& title,
                       const unikfile::Manifest& manifest, const Environment& environment,
                       const BuildOptions& options) {
    if (script.empty())
        return {};
    Command command;
    command.arguments = {"sh", "-c", script};
    command.directory = manifest.directory;
    command.environment = environment;
    command.on_output = options.on_output;
    auto completed = run_successfully(command, "build-failed");
    if (completed.ok())
        return {};
    Error error = std::move(completed).error();
    Diagnostic& problem = error.diagnostics[0];
    constexpr std::string_view k_subject = "'sh'";
    if (problem.message.starts_with(k_subject))
        problem.message.replace(0, k_subject.size(), title);
    return error;
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

// A recipe that knows what its tools read writes it to $UNIK_OUT/inputs, a path a line.
fs::path inputs_file(const Workspace& workspace) {
    return workspace.out() / "inputs";
}

void report_inputs(const Workspace& workspace, const BuildOptions& options) {
    std::error_code status;
    if (!options.on_inputs || !fs::exists(inputs_file(workspace), status))
        return;
    const auto text = read_text_file(inputs_file(workspace), k_inputs_limit);
    if (!text.ok())
        return;
    std::vector<fs::path> inputs;
    std::string_view rest = text.value();
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        inputs.emplace_back(line);
    }
    options.on_inputs(std::move(inputs));
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
    if (!manifest.build.output.empty())
        return named_executable(manifest, plan);
    std::error_code status;
    if (!plan.output.empty()) {
        const fs::path file = expanded(plan.output, own);
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
    if (manifest.entrypoint.empty())
        manifest.entrypoint = fs::path(manifest.build.output).is_absolute()
                                  ? manifest.build.output
                                  : "/bin/" + manifest.name;

    const Plan plan = UNIK_TRY(make_plan(language, manifest));
    UNIK_TRY(check_tools(plan, language));
    const Workspace workspace = UNIK_TRY(Workspace::open(
        fmt::format("{}\n{}\n{}", manifest.directory.string(), plan.title, plan.command)));
    if (options.cache == Cache::ignore)
        UNIK_TRY(empty(workspace));
    std::filesystem::remove(inputs_file(workspace), status);
    const Environment own = own_variables(manifest, workspace);
    const Environment environment = build_environment(language, manifest, own);
    if (!plan.command.empty())
        UNIK_TRY(run_shell(language.prepare, fmt::format("the preparation of '{}'", language.name),
                           manifest, environment, options));
    UNIK_TRY(run_shell(plan.command, plan.title, manifest, environment, options));
    report_inputs(workspace, options);

    application.executable_path = UNIK_TRY(find_executable(plan, manifest, own, workspace));
    application.executable = UNIK_TRY(read_file(application.executable_path, k_executable_limit));
    application.files = UNIK_TRY(collect_files(manifest));
    application.manifest = std::move(manifest);
    UNIK_TRY(add_dynamic_parts(application, workspace.out()));
    return application;
}

} // namespace unik::toolchain
