#include <cli/commands.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cli/session.hpp>
#include <cli/terminal.hpp>
#include <components/selection.hpp>
#include <unikfile/unikfile.hpp>

namespace unik::cli {
namespace {

template <typename Map>
nlohmann::json names(const Map& map) {
    nlohmann::json out = nlohmann::json::array();
    for (const auto& [name, value] : map)
        out.push_back(name);
    return out;
}

int version_command(const Invocation& invocation) {
    if (!invocation.has("json")) {
        print(fmt::format("unik {}\n", UNIK_VERSION));
        return 0;
    }
    const auto catalogue = load_catalogue(invocation);
    if (!catalogue.ok())
        return report(catalogue.error());
    const auto components = components::load_components();
    if (!components.ok())
        return report(components.error());
    const nlohmann::json document{{"version", UNIK_VERSION},
                                  {"architecture", "x86_64"},
                                  {"image_schema", 1},
                                  {"languages", names(catalogue->languages())},
                                  {"targets", names(catalogue->targets())},
                                  {"components", names(components.value())}};
    print(document.dump(2) + "\n");
    return 0;
}

int schema_command(const Invocation&) {
    print(unikfile::json_schema() + "\n");
    return 0;
}

} // namespace

constinit const CommandSpecification k_schema_command{
    .name = "schema",
    .summary = "print the JSON schema of the Unikfile",
    .description = "For editors: a JSON schema (draft 2020-12) made from the same table as the "
                   "parser.",
    .options = {},
    .positionals = {},
    .action = schema_command};

constinit const CommandSpecification k_version_command{
    .name = "version",
    .summary = "print the version",
    .description = "Prints the version, and with --json what this executable carries.",
    .options = k_json_only,
    .positionals = {},
    .action = version_command};

} // namespace unik::cli
