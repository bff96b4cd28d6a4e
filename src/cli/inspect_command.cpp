#include <cli/commands.hpp>

#include <array>

#include <bundle/bundle.hpp>
#include <cli/image_report.hpp>
#include <cli/terminal.hpp>

namespace unik::cli {

namespace {

int inspect_command(const Invocation& invocation) {
    const std::string path = invocation.value("BUNDLE");
    const auto image = bundle::open(path);
    if (!image.ok())
        return report(image.error());
    if (const auto checked = bundle::verify(image.value(), path); !checked.ok())
        return report(checked.error());
    print(invocation.has("json") ? image->document.dump(2) + "\n" : inspection(image->document));
    return 0;
}

constexpr std::array k_inspect_options{k_json};
constexpr std::array k_inspect_positionals{
    Positional{.name = "BUNDLE",
               .kind = ValueKind::bundle,
               .description = "A bundle folder.",
               .required = true},
};
constexpr std::array k_inspect_examples{
    Example{"unik inspect web.unik", "what is in the image, and why"},
    Example{"unik inspect --json web.unik | jq .components", "the same for programs"},
};

} // namespace

constinit const CommandSpecification k_inspect_command{
    .name = "inspect",
    .summary = "show what is in a bundle, and why",
    .description = "Prints the components with their sizes and the reason for each, the system "
                   "calls that are present and absent, the memory layout, the files and the "
                   "digests.",
    .options = k_inspect_options,
    .positionals = k_inspect_positionals,
    .examples = k_inspect_examples,
    .action = inspect_command};

} // namespace unik::cli
