// The one table of a Unikfile's keys. The parser, the JSON schema, Unikfile(5) and `unik init` are
// all made from it.
#pragma once

#include <span>

#include <support/yaml_reader.hpp>
#include <unikfile/manifest.hpp>

namespace unik::unikfile {

std::span<const YamlField<Manifest>> manifest_fields();
std::span<const YamlField<BuildStep>> build_fields();
std::span<const YamlField<FileEntry>> file_fields();
std::span<const YamlField<Manifest>> component_fields();
std::span<const YamlField<Manifest>> security_fields();
std::span<const YamlField<Resources>> resource_fields();
std::span<const YamlField<Signing>> sign_fields();
std::span<const YamlField<SecureBoot>> secure_boot_fields();

} // namespace unik::unikfile
