// Reading a Unikfile: from text to Manifest, every problem in one run.
#pragma once

#include <string>

#include <support/result.hpp>
#include <unikfile/manifest.hpp>

namespace unik::unikfile {

// file: the Unikfile's path; directory: the project's folder against which paths are checked.
// Errors: exit code 1, one diagnostic per problem in source order.
Result<Manifest> load(const std::filesystem::path& file, const std::filesystem::path& directory);

// The same for text that is already read; nothing on disk is looked at.
Result<Manifest> parse(std::string file_name, std::string text,
                       const std::filesystem::path& directory);

// The JSON schema (draft 2020-12) of the Unikfile for editors, from the same table as the parser.
std::string json_schema();

// The same table for Unikfile(5) and `unik init`.
struct KeyDescription {
    std::string path;        // "build.command", "files[].mode"
    std::string type;        // "text", "size", "list of ports", …
    std::string fallback;    // the default, as text; empty: none
    std::string description; // one to three sentences
    std::string example;     // YAML
};
const std::vector<KeyDescription>& keys();

} // namespace unik::unikfile
