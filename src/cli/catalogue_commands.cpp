// unik components, languages, targets: what this unik knows, as a table, one entry, or JSON.
#include <cli/commands.hpp>

#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cli/session.hpp>
#include <cli/terminal.hpp>
#include <components/selection.hpp>
#include <support/text.hpp>

namespace unik::cli {
namespace {

using nlohmann::json;

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
                           {"output", recipe.output}});
    return {{"name", language.name},
            {"summary", language.summary},
            {"detect", language.detect},
            {"tools", language.tools},
            {"packages", language.packages},
            {"environment", language.environment},
            {"recipes", recipes},
            {"syscalls", language.syscalls},
            {"components", language.components}};
}

json to_json(const manifests::Target& target) {
    return {{"name", target.name},
            {"summary", target.summary},
            {"architecture", target.architecture},
            {"boot", target.boot},
            {"devices", target.devices},
            {"disk_format", target.disk_format},
            {"disk_extension", target.disk_extension},
            {"machines", target.machines},
            {"packages", target.packages}};
}

// Names and values line by line, lists joined; for one entry.
std::string details(const json& object) {
    std::string out;
    for (const auto& [key, value] : object.items()) {
        if (value.empty())
            continue;
        out += fmt::format("{:<12} ", key);
        if (value.is_string()) {
            out += value.get<std::string>() + "\n";
            continue;
        }
        std::string lines;
        for (const auto& [name, member] : value.items()) {
            if (!lines.empty())
                lines += fmt::format("{:<13}", "");
            const std::string text = member.is_string() ? member.get<std::string>() : member.dump();
            lines += value.is_object() ? fmt::format("{}: {}\n", name, text) : text + "\n";
        }
        out += lines;
    }
    return out;
}

template <typename Map>
int show(const Invocation& invocation, const Map& entries, std::string_view what) {
    const std::string wanted = invocation.value("NAME");
    if (!wanted.empty() && !entries.contains(wanted)) {
        std::vector<std::string> names;
        for (const auto& [name, entry] : entries)
            names.push_back(name);
        return report(make_error(fmt::format("unknown-{}", what),
                                 fmt::format("there is no {} '{}'", what, wanted),
                                 did_you_mean(wanted, names), ExitCode::usage));
    }
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

} // namespace

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

int targets_command(const Invocation& invocation) {
    const auto catalogue = load_catalogue(invocation);
    if (!catalogue.ok())
        return report(catalogue.error());
    return show(invocation, catalogue->targets(), "target");
}

} // namespace unik::cli
