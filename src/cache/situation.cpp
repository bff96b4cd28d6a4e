#include <cache/situation.hpp>

#include <algorithm>
#include <array>
#include <set>

#include <unistd.h>

#include <cache/record.hpp>
#include <support/process.hpp>

namespace unik::cache {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_most_entries = 20'000;
constexpr std::array k_version_control{".git", ".hg", ".svn"};
constexpr std::array k_linkers{"ld.lld", "ld"};

// Where the user sits decides nothing; every other variable may be one that a tool reads.
constexpr std::array<std::string_view, 14> k_no_input{
    "_",      "PWD",  "OLDPWD",  "SHLVL",    "TERM",       "COLUMNS", "LINES",
    "TMPDIR", "TMUX", "DISPLAY", "WINDOWID", "SSH_CLIENT", "SSH_TTY", "SSH_CONNECTION"};

void add_environment(Digester& digester) {
    std::vector<std::string> variables;
    for (char** variable = ::environ; variable != nullptr && *variable != nullptr; ++variable) {
        const std::string_view text = *variable;
        if (std::find(k_no_input.begin(), k_no_input.end(), text.substr(0, text.find('='))) ==
            k_no_input.end())
            variables.emplace_back(text);
    }
    std::sort(variables.begin(), variables.end());
    for (const std::string& variable : variables)
        digester.add(variable);
}

void add_list(Digester& digester, const std::vector<std::string>& list) {
    digester.add(std::to_string(list.size()));
    for (const std::string& text : list)
        digester.add(text);
}

// An overlay may have replaced any of them; those inside this unik are told by its own stamp.
void add_manifests(Digester& digester, const manifests::Catalogue& catalogue) {
    for (const auto& [name, language] : catalogue.languages()) {
        digester.add(name).add(language.prepare).add(std::to_string(language.priority));
        digester.add(language.runtime.program).add(language.runtime.version);
        digester.add(language.runtime.locate).add(language.collect);
        add_list(digester, language.libraries);
        add_list(digester, language.allow);
        add_list(digester, language.detect);
        add_list(digester, language.tools);
        add_list(digester, language.syscalls);
        add_list(digester, language.components);
        for (const auto& [variable, value] : language.environment)
            digester.add(variable).add(value);
        for (const manifests::BuildRecipe& recipe : language.recipes) {
            digester.add(recipe.name).add(recipe.command).add(recipe.output);
            digester.add(recipe.entrypoint).add(recipe.directory).add(recipe.collect);
            for (const auto& [variable, value] : recipe.image_environment)
                digester.add(variable).add(value);
            add_list(digester, recipe.args);
            add_list(digester, recipe.detect);
            add_list(digester, recipe.tools);
        }
    }
    for (const auto& [name, target] : catalogue.targets()) {
        digester.add(name).add(target.architecture);
        for (const auto* list : {&target.images, &target.needed, &target.drivers})
            add_list(digester, *list);
        for (const auto& [key, value] : target.appliance)
            digester.add(key).add(value);
    }
}

void add_tools(Digester& digester, const manifests::Catalogue& catalogue) {
    std::set<std::string> names(k_linkers.begin(), k_linkers.end());
    names.insert("sh");
    for (const auto& [ignored, language] : catalogue.languages()) {
        names.insert(language.tools.begin(), language.tools.end());
        if (!language.runtime.program.empty())
            names.insert(language.runtime.program);
        for (const manifests::BuildRecipe& recipe : language.recipes)
            names.insert(recipe.tools.begin(), recipe.tools.end());
    }
    for (const std::string& name : names) {
        const auto program = find_program(name);
        digester.add(name).add(program ? program->string() : "");
        digester.add(program ? stamp_of(*program) : "");
    }
}

// What both digests hold: this unik, the Unikfile, manifests, tools, environment.
bool add_common(Digester& digester, const Situation& situation) {
    const unikfile::Manifest& manifest = situation.manifest;
    const auto unikfile = sha256_file(manifest.file);
    const std::string own = stamp_of("/proc/self/exe");
    if (!unikfile.ok() || own.empty())
        return false;
    digester.add(own).add(to_hex(unikfile.value()));
    digester.add(manifest.directory.string()).add(situation.bundle.string());
    digester.add(situation.signing);
    add_list(digester, manifest.targets);
    add_manifests(digester, *situation.catalogue);
    add_tools(digester, *situation.catalogue);
    add_environment(digester);
    return true;
}

// The bundle, or a folder in which it is being made.
bool is_bundle(const fs::path& path, const fs::path& bundle) {
    return path == bundle ||
           (path.parent_path() == bundle.parent_path() &&
            path.filename().string().starts_with("." + bundle.filename().string() + "."));
}

bool add_entry(const fs::directory_entry& entry, std::vector<std::string>& lines) {
    std::error_code status;
    const fs::file_status found = entry.symlink_status(status);
    std::string line = entry.path().string() + '\0' +
                       std::to_string(static_cast<int>(found.type())) + '\0' +
                       std::to_string(static_cast<unsigned>(found.permissions()));
    if (found.type() == fs::file_type::symlink) {
        line += '\0' + fs::read_symlink(entry.path(), status).string();
        if (fs::is_directory(entry.path(), status))
            return false;
    }
    lines.push_back(std::move(line));
    return true;
}

} // namespace

std::optional<std::string> tree_digest(const fs::path& folder, const fs::path& bundle) {
    std::vector<std::string> lines;
    std::error_code status;
    fs::recursive_directory_iterator entries(folder, status);
    for (; !status && entries != fs::recursive_directory_iterator(); entries.increment(status)) {
        const std::string name = entries->path().filename().string();
        const bool version_control = std::find(k_version_control.begin(), k_version_control.end(),
                                               name) != k_version_control.end();
        if (version_control || is_bundle(entries->path(), bundle)) {
            entries.disable_recursion_pending();
            continue;
        }
        if (lines.size() == k_most_entries || !add_entry(*entries, lines))
            return std::nullopt;
    }
    if (status)
        return std::nullopt;
    std::sort(lines.begin(), lines.end());
    Digester digester;
    for (const std::string& line : lines)
        digester.add(line);
    return digester.finish();
}

std::optional<std::string> given_digest(const Situation& situation) {
    Digester digester;
    const auto tree = tree_digest(situation.manifest.directory, situation.bundle);
    if (!tree || !add_common(digester, situation))
        return std::nullopt;
    return digester.add(*tree).finish();
}

std::optional<std::string> linked_digest(const Situation& situation,
                                         const toolchain::Application& application) {
    Digester digester;
    if (!add_common(digester, situation))
        return std::nullopt;
    digester.add(application.language.name).add(to_hex(sha256(application.executable)));
    digester.add(application.runtime).add(application.manifest.entrypoint);
    add_list(digester, application.manifest.fixed_args);
    for (const toolchain::CollectedFile& file : application.files) {
        digester.add(file.path).add(std::to_string(file.mode)).add(file.link_target);
        digester.add(std::to_string(static_cast<int>(file.kind)));
        digester.add(file.modified ? std::to_string(*file.modified) : "");
        if (file.kind != toolchain::CollectedFile::Kind::regular)
            continue;
        const auto content = sha256_file(file.source);
        if (!content.ok())
            return std::nullopt;
        digester.add(to_hex(content.value()));
    }
    return digester.finish();
}

} // namespace unik::cache
