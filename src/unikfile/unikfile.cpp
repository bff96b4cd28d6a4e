#include <unikfile/unikfile.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <support/file.hpp>
#include <support/text.hpp>
#include <support/utf8.hpp>
#include <support/yaml.hpp>
#include <support/yaml_reader.hpp>
#include <unikfile/fields.hpp>

namespace unik::unikfile {
namespace {

namespace fs = std::filesystem;

constexpr Bytes k_size_limit{1 << 20};

// What no single key can tell.
void check_whole(YamlReader& reader, const YamlNode& root, const Manifest& manifest) {
    const YamlNode* components = root.find("components");
    const YamlNode* removed = components != nullptr ? components->find("remove") : nullptr;
    if (removed == nullptr)
        return;
    const auto& added = manifest.components_added;
    for (const YamlNode& element : removed->sequence) {
        if (element.kind == YamlNode::Kind::scalar &&
            std::find(added.begin(), added.end(), element.scalar) != added.end())
            reader.report(element, "contradiction",
                          fmt::format("the component {} is both added and removed",
                                      in_quotes(element.scalar)),
                          "keep one of the two");
    }
}

// 'memory' at the top is meant for 'resources', 'resources' inside 'build' for the top: the key of
// that name elsewhere in the table. Empty where none is near.
std::string key_elsewhere(std::string_view word) {
    std::vector<std::string> names;
    for (const KeyDescription& key : keys())
        names.push_back(key.path.substr(key.path.rfind('.') + 1));
    const std::string meant = nearest(word, names);
    const auto found = std::find(names.begin(), names.end(), meant);
    if (meant.empty() || found == names.end())
        return {};
    const std::string& path = keys()[static_cast<std::size_t>(found - names.begin())].path;
    const std::size_t dot = path.rfind('.');
    if (dot == std::string::npos)
        return fmt::format("'{}' is a key of the Unikfile itself: do not indent it", meant);
    const std::string above = path.substr(0, dot);
    return above.ends_with("[]")
               ? fmt::format("'{}' belongs into the entries of '{}'", meant,
                             above.substr(0, above.size() - 2))
               : fmt::format("did you mean '{}'? Write it as '{}: {{{}: …}}'", path, above, meant);
}

Error missing_file(const fs::path& file) {
    return make_error("no-unikfile", fmt::format("there is no file {}", in_quotes(file.string())),
                      "'unik init' writes one, '--file' names another");
}

} // namespace

Result<Manifest> parse(std::string file_name, std::string text, const fs::path& directory) {
    Manifest manifest;
    manifest.file = file_name;
    std::error_code ignored;
    manifest.directory = fs::absolute(directory, ignored).lexically_normal();
    const YamlDocument document = UNIK_TRY(parse_yaml(std::move(file_name), std::move(text)));
    YamlReader reader(document);
    reader.suggest_keys_by(key_elsewhere);
    reader.read_fields(document.root, manifest_fields(), manifest);
    check_whole(reader, document.root, manifest);
    UNIK_TRY(reader.finish());
    return manifest;
}

Result<Manifest> load(const fs::path& file, const fs::path& directory) {
    std::error_code status;
    if (fs::status(file, status).type() == fs::file_type::not_found)
        return missing_file(file);
    std::string text = UNIK_TRY(read_text_file(file, k_size_limit));
    return parse(file.string(), std::move(text), directory);
}

} // namespace unik::unikfile
