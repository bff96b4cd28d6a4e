// The table of keys as documentation and as a JSON schema (draft 2020-12). The schema is for
// editors: it describes the same forms as the parser, which also checks what a schema cannot say.
#include <unikfile/unikfile.hpp>

#include <functional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <unikfile/fields.hpp>
#include <unikfile/values.hpp>

namespace unik::unikfile {
namespace {

using Json = nlohmann::ordered_json;

template <typename T>
std::vector<YamlFieldInfo> infos_of(std::span<const YamlField<T>> fields) {
    std::vector<YamlFieldInfo> out;
    for (const YamlField<T>& field : fields)
        out.push_back(field.info);
    return out;
}

// The keys that stand below a key of the top level.
std::vector<YamlFieldInfo> infos_below(std::string_view key) {
    if (key == "build")
        return infos_of(build_fields());
    if (key == "files")
        return infos_of(file_fields());
    if (key == "components")
        return infos_of(component_fields());
    if (key == "security")
        return infos_of(security_fields());
    if (key == "resources")
        return infos_of(resource_fields());
    if (key == "sign")
        return infos_of(sign_fields());
    if (key == "secure_boot")
        return infos_of(secure_boot_fields());
    return {};
}

Json string_type() {
    return {{"type", "string"}};
}

Json pattern(std::string_view expression, std::size_t longest) {
    return {{"type", "string"}, {"pattern", expression}, {"minLength", 1}, {"maxLength", longest}};
}

Json list_of(Json element) {
    return {{"type", "array"}, {"items", std::move(element)}};
}

Json text_or_number() {
    return {{"type", Json::array({"string", "number"})}};
}

Json reference() {
    return pattern("^[a-z0-9._+-]+$", k_name_limit);
}

Json references_like(Json element) {
    Json out = list_of(std::move(element));
    out["uniqueItems"] = true;
    return out;
}

Json references() {
    return references_like(reference());
}

// NAME or NAME:FORMAT.
Json targets() {
    return references_like(pattern("^[a-z0-9._+-]+(:[a-z0-9._+-]+)?$", 2 * k_name_limit + 1));
}

Json version() {
    return {{"anyOf",
             Json::array({pattern(k_version_pattern, k_version_limit), Json{{"type", "number"}}})}};
}

Json variables() {
    const Json mapping{{"type", "object"},
                       {"propertyNames", {{"pattern", k_variable_pattern}}},
                       {"additionalProperties", text_or_number()}};
    Json list = list_of({{"type", "string"}, {"pattern", "^[A-Za-z_][A-Za-z0-9_]*="}});
    return {{"oneOf", Json::array({mapping, std::move(list)})}};
}

Json project_path() {
    return {{"type", "string"}, {"minLength", 1}, {"pattern", "^[^/]"}};
}

Json image_path() {
    return {{"type", "string"}, {"pattern", "^/"}, {"not", {{"pattern", "(^|/)\\.\\.(/|$)"}}}};
}

Json ports() {
    const Json number{{"type", "integer"}, {"minimum", 1}, {"maximum", 65535}};
    const Json text{{"type", "string"}, {"pattern", k_port_pattern}};
    Json out = list_of({{"oneOf", Json::array({number, text})}});
    out["uniqueItems"] = true;
    return out;
}

Json mode() {
    const Json text{{"type", "string"}, {"pattern", k_mode_pattern}};
    return {{"oneOf", Json::array({text, Json{{"type", "integer"}}})}};
}

Json size() {
    const Json text{{"type", "string"}, {"pattern", k_size_pattern}};
    const Json bytes{{"type", "integer"}, {"minimum", k_least_size.value}};
    return {{"oneOf", Json::array({text, bytes})}};
}

Json labels() {
    return {{"type", "object"}, {"additionalProperties", text_or_number()}};
}

Json sizes_by_path() {
    return {{"type", "object"}, {"propertyNames", image_path()}, {"additionalProperties", size()}};
}

struct TypeSchema {
    std::string_view type; // of a YamlFieldInfo
    Json (*make)();
};

constexpr TypeSchema k_types[] = {
    {"image name", [] { return pattern(k_name_pattern, k_name_limit); }},
    {"version", version},
    {"base",
     [] {
         return Json{{"enum", Json::array({"library-os"})}};
     }},
    {"name", reference},
    {"list of names", references},
    {"list of targets", targets},
    {"shell command",
     [] {
         return Json{{"type", "string"}, {"pattern", "\\S"}};
     }},
    {"path in the project", project_path},
    {"path in the image", image_path},
    {"path of a runtime",
     [] {
         return Json{{"type", "string"}, {"minLength", 1}};
     }},
    {"variables", variables},
    {"file mode", mode},
    {"list of arguments", [] { return list_of(text_or_number()); }},
    {"list of ports", ports},
    {"path or variable",
     [] {
         return Json{{"type", "string"}, {"minLength", 1}};
     }},
    {"size", size},
    {"number of CPUs",
     [] {
         return Json{{"type", "integer"}, {"minimum", 1}, {"maximum", k_most_cpus}};
     }},
    {"labels", labels},
    {"list of exceptions",
     [] {
         return references_like(Json{{"enum", Json::array({k_jit_exception})}});
     }},
    {"form of the root",
     [] {
         return Json{{"enum", Json::array({"auto", "embedded", "disk"})}};
     }},
    {"sizes by path", sizes_by_path},
};

Json object_of(const std::vector<YamlFieldInfo>& infos);

Json schema_of(const YamlFieldInfo& info) {
    const std::vector<YamlFieldInfo> below = infos_below(info.key);
    Json out = below.empty() ? string_type() : object_of(below);
    if (info.type == "list of files")
        out = list_of(std::move(out));
    for (const TypeSchema& known : k_types) {
        if (known.type == info.type)
            out = known.make();
    }
    out["description"] = info.description;
    return out;
}

Json object_of(const std::vector<YamlFieldInfo>& infos) {
    Json out{{"type", "object"}, {"additionalProperties", false}};
    for (const YamlFieldInfo& info : infos) {
        out["properties"][std::string(info.key)] = schema_of(info);
        if (info.presence == Presence::required)
            out["required"].push_back(info.key);
    }
    return out;
}

KeyDescription describe_key(const std::string& prefix, const YamlFieldInfo& info) {
    KeyDescription out;
    out.path = prefix + std::string(info.key);
    out.type = info.type;
    out.fallback = info.fallback;
    out.description = info.description;
    out.example = info.example;
    if (info.presence == Presence::required)
        out.description = "Required. " + out.description;
    return out;
}

// Each key, and below it those that stand in it.
void describe(const std::string& prefix, const std::vector<YamlFieldInfo>& infos,
              std::vector<KeyDescription>& out) {
    for (const YamlFieldInfo& info : infos) {
        out.push_back(describe_key(prefix, info));
        const bool list = info.type == "list of files";
        describe(fmt::format("{}{}{}.", prefix, info.key, list ? "[]" : ""), infos_below(info.key),
                 out);
    }
}

std::vector<KeyDescription> describe_all() {
    std::vector<KeyDescription> out;
    describe("", infos_of(manifest_fields()), out);
    return out;
}

} // namespace

const std::vector<KeyDescription>& keys() {
    static const std::vector<KeyDescription> all = describe_all();
    return all;
}

std::string json_schema() {
    Json out{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
             {"title", "Unikfile"},
             {"description", "How unik turns an application into a bootable machine image."}};
    out.update(object_of(infos_of(manifest_fields())));
    return out.dump(2) + "\n";
}

} // namespace unik::unikfile
