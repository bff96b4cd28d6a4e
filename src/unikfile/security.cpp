// The key 'security': what the program is allowed beyond what every program is.
#include <unikfile/fields.hpp>

#include <fmt/format.h>

#include <support/utf8.hpp>
#include <unikfile/values.hpp>

namespace unik::unikfile {
namespace {

constexpr YamlField<Manifest> k_security_fields[] = {
    {{.key = "allow",
      .type = "list of exceptions",
      .description =
          "Exceptions from the rules for every program. jit: memory may be writable and executable "
          "at once, as just-in-time compilers have it. The profile of a language may allow it, "
          "too; "
          "'unik inspect' says why an image has it.",
      .example = "[jit]"},
     [](YamlReader& reader, const YamlNode& node, Manifest& manifest) {
         manifest.allow = read_exceptions(reader, node);
     }},
};

} // namespace

std::vector<std::string> read_exceptions(YamlReader& reader, const YamlNode& node) {
    std::vector<std::string> names = reader.text_list(node);
    for (const std::string& name : names)
        if (name != k_jit_exception)
            reader.report(node, "unknown-allowance",
                          fmt::format("expected 'jit', found {}", in_quotes(name)),
                          "'jit' is the only exception that there is");
    return names;
}

std::span<const YamlField<Manifest>> security_fields() {
    return k_security_fields;
}

} // namespace unik::unikfile
