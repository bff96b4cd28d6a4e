// Reads the component.yaml files. They are part of unik, so a fault in one is a fault of this
// build; it is still reported with its place, for whoever writes a component.
#include <algorithm>
#include <cctype>
#include <iterator>

#include <components/selection.hpp>
#include <fmt/format.h>
#include <support/text.hpp>
#include <support/yaml_reader.hpp>

namespace unik::components {
namespace {

constexpr std::string_view k_folder = "components/";
constexpr std::string_view k_description = "/component.yaml";
constexpr std::string_view k_object = "/object.o";

struct LayerName {
    std::string_view name;
    Layer layer;
};
constexpr LayerName k_layers[] = {{"platform", Layer::platform}, {"kernel", Layer::kernel},
                                  {"drivers", Layer::drivers},   {"services", Layer::services},
                                  {"abi", Layer::abi},           {"extras", Layer::extras}};

void layer_into(YamlReader& reader, const YamlNode& value, Component& out) {
    const auto text = reader.text(value);
    if (!text)
        return;
    const auto* found = std::find_if(std::begin(k_layers), std::end(k_layers),
                                     [&](const LayerName& layer) { return layer.name == *text; });
    if (found == std::end(k_layers))
        return reader.report(value, "bad-value", fmt::format("unknown layer '{}'", *text),
                             "one of platform, kernel, drivers, services, abi, extras");
    out.layer = found->layer;
}

void boot_record_into(YamlReader& reader, const YamlNode& value, Component& out) {
    if (scalar_type(value) != ScalarType::boolean)
        return reader.report_type(value, "true or false");
    out.boot_record = value.scalar == "true";
}

// The build reads it; here it is only checked.
void optimize_into(YamlReader& reader, const YamlNode& value, Component&) {
    const auto text = reader.text(value);
    if (text && *text != "speed")
        reader.report(value, "bad-value", fmt::format("unknown way to optimize '{}'", *text),
                      "'speed', or no such line: for size");
}

// os::name, os::space::name: what the link step can turn into a symbol.
bool is_function_name(std::string_view text) {
    if (!text.starts_with("os::"))
        return false;
    bool start = true;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (!start && text.substr(i).starts_with("::")) {
            start = true;
            ++i;
            continue;
        }
        if (std::isalpha(c) == 0 && c != '_' && (start || std::isdigit(c) == 0))
            return false;
        start = false;
    }
    return !start;
}

void check_function(YamlReader& reader, const YamlNode& node) {
    if (!is_function_name(node.scalar))
        reader.report(node, "bad-value",
                      fmt::format("'{}' is no function of the library OS", node.scalar),
                      "write it as in C++, from the namespace os on: os::vfs::start");
}

void start_into(YamlReader& reader, const YamlNode& value, Component& out) {
    optional_text_into<&Component::start>(reader, value, out);
    if (!out.start.empty())
        check_function(reader, value);
}

template <auto member>
void functions_into(YamlReader& reader, const YamlNode& value, Component& out) {
    text_map_into<member>(reader, value, out);
    for (const auto& [key, function] : value.mapping)
        check_function(reader, function);
}

void syscalls_into(YamlReader& reader, const YamlNode& value, Component& out) {
    functions_into<&Component::syscalls>(reader, value, out);
    for (const auto& [key, function] : value.mapping)
        if (analysis::syscall_number(key.scalar) < 0)
            reader.report(key, "unknown-syscall",
                          fmt::format("Linux x86-64 has no system call '{}'", key.scalar));
}

const YamlField<Component> k_fields[] = {
    {{.key = "name", .type = "text", .presence = Presence::required}, text_into<&Component::name>},
    {{.key = "summary", .type = "text", .presence = Presence::required},
     text_into<&Component::summary>},
    {{.key = "layer", .type = "text", .presence = Presence::required}, layer_into},
    {{.key = "requires", .type = "list of text"}, text_list_into<&Component::dependencies>},
    {{.key = "provides", .type = "list of text"}, text_list_into<&Component::provides>},
    {{.key = "wants", .type = "list of text"}, text_list_into<&Component::wants>},
    {{.key = "drivers", .type = "mapping"}, functions_into<&Component::drivers>},
    {{.key = "syscalls", .type = "mapping"}, syscalls_into},
    {{.key = "filesystems", .type = "mapping"}, functions_into<&Component::filesystems>},
    {{.key = "start", .type = "text"}, start_into},
    {{.key = "optimize", .type = "text"}, optimize_into},
    {{.key = "boot_record", .type = "true or false"}, boot_record_into},
    {{.key = "sources_from", .type = "text"}, optional_text_into<&Component::sources_from>},
};

Result<Component> read_component(const manifests::EmbeddedFile& file, std::string_view folder) {
    const YamlDocument document = UNIK_TRY(parse_yaml(
        std::string(file.path),
        std::string(reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size())));
    YamlReader reader(document);
    Component component;
    reader.read_fields(document.root, std::span<const YamlField<Component>>(k_fields), component);
    if (const YamlNode* name = document.root.find("name"); name != nullptr && reader.ok())
        if (component.name != folder)
            reader.report(*name, "bad-value",
                          fmt::format("the name is '{}', the folder '{}'", component.name, folder),
                          "a component has its folder's name");
    UNIK_TRY(reader.finish());
    return component;
}

Error broken(std::string message) {
    return make_error("component-broken", std::move(message),
                      "correct the component.yaml files and build unik again");
}

Result<void> check_together(const std::map<std::string, Component>& all) {
    std::map<std::string, std::string> providers;
    for (const auto& [name, component] : all) {
        for (const std::string& required : component.dependencies)
            if (!all.contains(required))
                return broken(fmt::format("component '{}' requires '{}', which does not exist",
                                          name, required));
        for (const auto& [call, function] : component.syscalls)
            if (const auto [other, added] = providers.emplace(call, name); !added)
                return broken(fmt::format("the components '{}' and '{}' both provide the system "
                                          "call '{}'",
                                          other->second, name, call));
    }
    return {};
}

} // namespace

Result<std::map<std::string, Component>>
load_components(std::span<const manifests::EmbeddedFile> files) {
    std::map<std::string, Component> all;
    std::map<std::string, ByteSpan, std::less<>> objects;
    for (const manifests::EmbeddedFile& file : files) {
        if (!file.path.starts_with(k_folder))
            continue;
        const std::string_view rest = file.path.substr(k_folder.size());
        const std::string_view folder = rest.substr(0, rest.find('/'));
        const std::string_view leaf = rest.substr(folder.size());
        if (leaf == k_object)
            objects.emplace(folder, file.bytes);
        if (leaf == k_description)
            all.emplace(folder, UNIK_TRY(read_component(file, folder)));
    }
    for (auto& [name, component] : all) {
        const auto object = objects.find(name);
        if (object == objects.end())
            return broken(fmt::format("component '{}' has no object", name));
        component.object = object->second;
    }
    UNIK_TRY(check_together(all));
    return all;
}

Result<std::map<std::string, Component>> load_components() {
    return load_components(manifests::embedded_files());
}

} // namespace unik::components
