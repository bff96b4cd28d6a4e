// unik components, languages: what this unik knows, as a table, one entry, or JSON.
#include <cli/catalogue_entries.hpp>
#include <cli/commands.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cli/session.hpp>
#include <cli/terminal.hpp>
#include <components/selection.hpp>

namespace unik::cli {
namespace {

using json = nlohmann::ordered_json; // as declared here: the name first

json to_json(const components::Component& component) {
    constexpr std::array k_layers{"platform", "kernel", "drivers", "services", "abi", "extras"};
    return {{"name", component.name},
            {"summary", component.summary},
            {"layer", k_layers.at(static_cast<std::size_t>(component.layer))},
            {"requires", component.dependencies},
            {"provides", component.provides},
            {"drivers", component.drivers},
            {"syscalls", component.syscalls},
            {"filesystems", component.filesystems},
            {"start", component.start}};
}

json to_json(const manifests::Language& language) {
    json recipes = json::array();
    for (const manifests::BuildRecipe& recipe : language.recipes)
        recipes.push_back({{"name", recipe.name},
                           {"detect", recipe.detect},
                           {"command", recipe.command},
                           {"output", recipe.output},
                           {"args", recipe.args},
                           {"image_env", recipe.image_environment},
                           {"collect", recipe.collect}});
    return {{"name", language.name},
            {"summary", language.summary},
            {"detect", language.detect},
            {"tools", language.tools},
            {"packages", language.packages},
            {"environment", language.environment},
            {"recipes", recipes},
            {"runtime", language.runtime.program},
            {"version", language.runtime.version},
            {"collect", language.collect},
            {"libraries", language.libraries},
            {"allow", language.allow},
            {"syscalls", language.syscalls},
            {"components", language.components}};
}

std::string indented(std::string_view text, std::size_t indent) {
    std::string out;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        out += fmt::format("{:{}}{}\n", "", indent, text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    return out;
}

bool is_word(const json& value) {
    return value.is_string() &&
           value.get_ref<const std::string&>().find_first_of(" \n") == std::string::npos;
}

// Names and values line by line; what does not fit behind its name stands below it.
std::string details(const json& object, std::size_t indent = 0) {
    std::string out;
    for (const auto& [key, value] : object.items()) {
        const bool is_text = value.is_string();
        const std::string text = is_text ? value.get<std::string>() : std::string();
        if (value.empty() || (is_text && text.empty()))
            continue;
        if (is_text && text.find('\n') == std::string::npos) {
            out += fmt::format("{:{}}{:<14} {}\n", "", indent, key, text);
            continue;
        }
        out += fmt::format("{:{}}{}\n", "", indent, key);
        if (is_text)
            out += indented(text, indent + 2);
        else if (value.is_array() && std::all_of(value.begin(), value.end(), is_word))
            out += wrapped(fmt::format("{}", fmt::join(value.get<std::vector<std::string>>(), " ")),
                           indent + 2, 88);
        else if (value.is_object())
            out += details(value, indent + 2);
        else
            for (const json& element : value)
                out += element.is_string() ? indented(element.get<std::string>(), indent + 2)
                                           : details(element, indent + 2);
    }
    return out;
}

template <typename Map>
int show(const Invocation& invocation, const Map& entries, std::string_view what) {
    const std::string wanted = invocation.value("NAME");
    if (const auto known = check_known(entries, wanted, what); !known.ok())
        return report(known.error());
    json document = json::array();
    std::string table;
    for (const auto& [name, entry] : entries) {
        if (!wanted.empty() && name != wanted)
            continue;
        document.push_back(to_json(entry));
        table += fmt::format("{:<20} {}\n", name, entry.summary);
    }
    if (invocation.has("json"))
        print((wanted.empty() ? document : document[0]).dump(2) + "\n");
    else
        print(wanted.empty() ? table : details(document[0]));
    return 0;
}

int components_command(const Invocation& invocation) {
    const auto components = components::load_components();
    if (!components.ok())
        return report(components.error());
    return show(invocation, components.value(), "component");
}

int languages_command(const Invocation& invocation) {
    const auto catalogue = load_catalogue(invocation);
    if (!catalogue.ok())
        return report(catalogue.error());
    return show(invocation, catalogue->languages(), "language");
}

constexpr std::array k_component_positionals{
    Positional{.name = "NAME", .kind = ValueKind::component, .description = "Show this one only."}};
constexpr std::array k_language_positionals{
    Positional{.name = "NAME", .kind = ValueKind::language, .description = "Show this one only."}};

} // namespace

constinit const CommandSpecification k_components_command{
    .name = "components",
    .summary = "list the components of the library OS",
    .description = "What each component is for, its layer, and what it requires.",
    .options = k_json_only,
    .positionals = k_component_positionals,
    .action = components_command};

constinit const CommandSpecification k_languages_command{
    .name = "languages",
    .summary = "list the languages that unik builds",
    .description = "How each language is detected and built, and the tools it needs.",
    .options = k_json_only,
    .positionals = k_language_positionals,
    .action = languages_command};

} // namespace unik::cli
