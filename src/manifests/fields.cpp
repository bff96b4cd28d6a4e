// How languages are read.
#include <manifests/fields.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <support/utf8.hpp>

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
    {{.key = "takes_entry", .type = "true or false"},
     [](YamlReader& reader, const YamlNode& node, BuildRecipe& recipe) {
         recipe.takes_entry = reader.boolean(node).value_or(false);
     }},
    {{.key = "directory", .type = "path in the image"}, text_into<&BuildRecipe::directory>},
    {{.key = "entrypoint", .type = "path in the image"}, text_into<&BuildRecipe::entrypoint>},
    {{.key = "args", .type = "list of arguments"}, text_list_into<&BuildRecipe::args>},
    {{.key = "image_env", .type = "mapping"}, text_map_into<&BuildRecipe::image_environment>},
    {{.key = "collect", .type = "shell command"}, text_into<&BuildRecipe::collect>},
};

constexpr YamlField<Runtime> k_runtime_fields[] = {
    {{.key = "program", .type = "text", .presence = Presence::required, .example = "python3"},
     text_into<&Runtime::program>},
    {{.key = "version", .type = "shell command"}, text_into<&Runtime::version>},
    {{.key = "locate", .type = "shell command"}, text_into<&Runtime::locate>},
};

void read_runtime(YamlReader& reader, const YamlNode& node, Language& language) {
    reader.read_fields(node, std::span<const YamlField<Runtime>>(k_runtime_fields),
                       language.runtime);
}

// Exceptions from the rules that every program is under.
constexpr std::string_view k_allowances[] = {"jit"};

void read_allow(YamlReader& reader, const YamlNode& node, Language& language) {
    language.allow = reader.text_list(node);
    for (const std::string& name : language.allow)
        if (std::find(std::begin(k_allowances), std::end(k_allowances), name) ==
            std::end(k_allowances))
            reader.report(node, "unknown-allowance",
                          fmt::format("expected 'jit', found {}", in_quotes(name)),
                          "a language allows its programs 'jit' or nothing");
}

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
    {{.key = "runtime", .type = "mapping"}, read_runtime},
    {{.key = "interpreted", .type = "true or false"},
     [](YamlReader& reader, const YamlNode& node, Language& language) {
         language.interpreted = reader.boolean(node).value_or(false);
     }},
    {{.key = "collect", .type = "shell command"}, text_into<&Language::collect>},
    {{.key = "libraries", .type = "list of libraries"}, text_list_into<&Language::libraries>},
    {{.key = "allow", .type = "list of exceptions"}, read_allow},
    {{.key = "syscalls_of", .type = "language"}, text_into<&Language::syscalls_of>},
    {{.key = "syscalls", .type = "list of system calls"}, text_list_into<&Language::syscalls>},
    {{.key = "components", .type = "list of components"}, text_list_into<&Language::components>},
    {{.key = "unikfile", .type = "text"}, text_into<&Language::unikfile_hint>},
};

} // namespace

std::span<const YamlField<Language>> language_fields() {
    return k_language_fields;
}

} // namespace unik::manifests
