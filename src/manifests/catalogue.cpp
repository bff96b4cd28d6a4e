#include <manifests/catalogue.hpp>

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include <manifests/fields.hpp>
#include <manifests/resolve.hpp>
#include <support/text.hpp>
#include <support/utf8.hpp>
#include <support/yaml.hpp>

namespace unik::manifests {
namespace {

namespace fs = std::filesystem;

constexpr Bytes k_size_limit{1 << 20};
constexpr std::string_view k_extension = ".yaml";

struct ManifestFile {
    std::string shown; // the name that diagnostics show
    std::string text;
};
using Files = std::map<std::string, ManifestFile>; // by name, without the extension

bool is_manifest(std::string_view file_name) {
    return file_name.ends_with(k_extension) && file_name.size() > k_extension.size();
}

Files embedded_in(std::string_view folder) {
    Files files;
    for (const EmbeddedFile& file : embedded_files()) {
        if (!file.path.starts_with(folder) || !is_manifest(file.path))
            continue;
        const std::string_view name =
            file.path.substr(folder.size(), file.path.size() - folder.size() - k_extension.size());
        files[std::string(name)] = {
            fmt::format("manifests/{}", file.path),
            std::string(reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size())};
    }
    return files;
}

// Files of the overlay replace those of the same name.
Result<void> overlay_with(const fs::path& folder, Files& files) {
    std::error_code status;
    if (!fs::exists(folder, status) && !status)
        return {};
    fs::directory_iterator entries(folder, status);
    for (; !status && entries != fs::directory_iterator(); entries.increment(status)) {
        const std::string file_name = entries->path().filename().string();
        if (!is_manifest(file_name))
            continue;
        std::string text = UNIK_TRY(read_text_file(entries->path(), k_size_limit));
        files[file_name.substr(0, file_name.size() - k_extension.size())] = {
            entries->path().string(), std::move(text)};
    }
    if (status)
        return file_error("read", folder, status.value());
    return {};
}

Result<void> check_overlay(const fs::path& overlay) {
    std::error_code status;
    if (overlay.empty() || fs::is_directory(overlay, status))
        return {};
    return make_error("no-manifests",
                      fmt::format("expected a folder of manifests, found none at {}",
                                  in_quotes(overlay.string())),
                      "check --manifests and $UNIK_MANIFESTS", ExitCode::usage);
}

// What its fields cannot tell of a manifest alone.
template <typename T>
using Check = std::function<void(YamlReader& reader, const YamlNode& root, T& manifest)>;

template <typename T>
Result<T> read_manifest(const std::string& name, const ManifestFile& file,
                        std::span<const YamlField<T>> fields, const Check<T>& check) {
    const YamlDocument document = UNIK_TRY(parse_yaml(file.shown, file.text));
    YamlReader reader(document);
    T out;
    reader.read_fields(document.root, fields, out);
    const YamlNode* written = document.root.find("name");
    if (written != nullptr && !out.name.empty() && out.name != name)
        reader.report(
            *written, "bad-name",
            fmt::format("expected the name of the file, '{}', found {}", name, in_quotes(out.name)),
            "name both alike");
    if (check)
        check(reader, document.root, out);
    UNIK_TRY(reader.finish());
    return out;
}

template <typename T>
Result<std::map<std::string, T>> read_all(std::string_view folder, const fs::path& overlay,
                                          std::span<const YamlField<T>> fields,
                                          const Check<T>& check = nullptr) {
    Files files = embedded_in(folder);
    if (!overlay.empty())
        UNIK_TRY(overlay_with(overlay / folder, files));
    std::map<std::string, T> out;
    Error problems;
    for (const auto& [name, file] : files) {
        auto manifest = read_manifest<T>(name, file, fields, check);
        if (manifest.ok()) {
            out.emplace(name, std::move(manifest).value());
            continue;
        }
        auto& found = manifest.error().diagnostics;
        std::move(found.begin(), found.end(), std::back_inserter(problems.diagnostics));
    }
    if (!problems.diagnostics.empty())
        return problems;
    return out;
}

template <typename T>
Result<const T*> find_in(const std::map<std::string, T>& all, std::string_view name,
                         std::string_view kind) {
    const auto found = all.find(std::string(name));
    if (found != all.end())
        return &found->second;
    std::vector<std::string> names;
    for (const auto& [known, ignored] : all)
        names.push_back(known);
    const std::string suggestion = did_you_mean(name, names);
    return make_error(
        fmt::format("unknown-{}", kind), fmt::format("unknown {} {}", kind, in_quotes(name)),
        suggestion.empty() ? fmt::format("'unik {}s' lists what there is: {}", kind, listing(names))
                           : suggestion);
}

// Fills in the system calls of the languages that name another's; one step, so no circles.
Result<void> share_syscalls(std::map<std::string, Language>& languages) {
    for (auto& [name, language] : languages) {
        if (language.syscalls_of.empty())
            continue;
        const Language* other = UNIK_TRY(find_in(languages, language.syscalls_of, "language"));
        if (!other->syscalls_of.empty())
            return make_error("unknown-language",
                              fmt::format("the language '{}' takes its system calls from '{}', "
                                          "which has none of its own",
                                          name, other->name),
                              fmt::format("'syscalls_of: {}'", other->syscalls_of));
        for (const std::string& call : other->syscalls)
            if (std::find(language.syscalls.begin(), language.syscalls.end(), call) ==
                language.syscalls.end())
                language.syscalls.push_back(call);
    }
    return {};
}

} // namespace

Result<Catalogue> Catalogue::load(const fs::path& overlay) {
    UNIK_TRY(check_overlay(overlay));
    Catalogue catalogue;
    catalogue.languages_ = UNIK_TRY(read_all<Language>("languages/", overlay, language_fields()));
    UNIK_TRY(share_syscalls(catalogue.languages_));
    catalogue.hardware_ = UNIK_TRY(read_all<Hardware>("hardware/", overlay, hardware_fields()));
    catalogue.targets_ =
        UNIK_TRY(read_all<Target>("targets/", overlay, target_fields(),
                                  [&](YamlReader& reader, const YamlNode& root, Target& target) {
                                      resolve(reader, root, catalogue.hardware_, target);
                                  }));
    return catalogue;
}

Result<const Language*> Catalogue::language(std::string_view name) const {
    return find_in(languages_, name, "language");
}

Result<const Target*> Catalogue::target(std::string_view name) const {
    return find_in(targets_, name, "target");
}

Result<TargetImage> Catalogue::target_image(std::string_view name) const {
    const std::size_t colon = name.find(':');
    const Target* found = UNIK_TRY(target(name.substr(0, colon)));
    if (colon == std::string_view::npos)
        return TargetImage{found, found->images.at(0)};
    const std::string format(name.substr(colon + 1));
    if (std::find(found->images.begin(), found->images.end(), format) != found->images.end())
        return TargetImage{found, format};
    const std::string meant = did_you_mean(format, found->images);
    return make_error("unknown-image",
                      fmt::format("the target '{}' takes {}, not {}", found->name,
                                  listing(found->images, "or"), in_quotes(format)),
                      meant.empty() ? fmt::format("such as {}:{}", found->name, found->images[0])
                                    : meant);
}

} // namespace unik::manifests
