// How languages are read.
#include <manifests/fields.hpp>

namespace unik::manifests {
namespace {

constexpr YamlField<BuildRecipe> k_recipe_fields[] = {
    {{.key = "name", .type = "text", .presence = Presence::required, .example = "make"},
     text_into<&BuildRecipe::name>},
    {{.key = "detect", .type = "list of patterns"}, text_list_into<&BuildRecipe::detect>},
    {{.key = "tools", .type = "list of programs"}, text_list_into<&BuildRecipe::tools>},
    {{.key = "packages", .type = "list of packages"}, text_list_into<&BuildRecipe::packages>},
    {{.key = "command", .type = "shell command"}, text_into<&BuildRecipe::command>},
    {{.key = "output", .type = "path"}, text_into<&BuildRecipe::output>},
};

void read_recipes(YamlReader& reader, const YamlNode& node, Language& language) {
    if (node.kind != YamlNode::Kind::sequence) {
        reader.report_type(node, "a list of recipes");
        return;
    }
    for (const YamlNode& element : node.sequence) {
        BuildRecipe recipe;
        reader.read_fields(element, std::span<const YamlField<BuildRecipe>>(k_recipe_fields),
                           recipe);
        language.recipes.push_back(std::move(recipe));
    }
}

void read_priority(YamlReader& reader, const YamlNode& node, Language& language) {
    language.priority = static_cast<int>(reader.integer(node, 0, 1000).value_or(0));
}

constexpr YamlField<Language> k_language_fields[] = {
    {{.key = "name", .type = "text", .presence = Presence::required, .example = "c"},
     text_into<&Language::name>},
    {{.key = "summary", .type = "text", .presence = Presence::required, .example = "C programs"},
     text_into<&Language::summary>},
    {{.key = "detect", .type = "list of patterns"}, text_list_into<&Language::detect>},
    {{.key = "priority", .type = "number"}, read_priority},
    {{.key = "tools", .type = "list of programs"}, text_list_into<&Language::tools>},
    {{.key = "packages", .type = "list of packages"}, text_list_into<&Language::packages>},
    {{.key = "env", .type = "mapping"}, text_map_into<&Language::environment>},
    {{.key = "prepare", .type = "shell command"}, text_into<&Language::prepare>},
    {{.key = "recipes", .type = "list of recipes"}, read_recipes},
    {{.key = "syscalls", .type = "list of system calls"}, text_list_into<&Language::syscalls>},
    {{.key = "components", .type = "list of components"}, text_list_into<&Language::components>},
    {{.key = "unikfile", .type = "text"}, text_into<&Language::unikfile_hint>},
};

} // namespace

std::span<const YamlField<Language>> language_fields() {
    return k_language_fields;
}

} // namespace unik::manifests
