// The tables by which language, hardware and target files are read.
#pragma once

#include <manifests/catalogue.hpp>
#include <support/yaml_reader.hpp>

namespace unik::manifests {

std::span<const YamlField<Language>> language_fields();
std::span<const YamlField<Hardware>> hardware_fields();
std::span<const YamlField<Target>> target_fields();

} // namespace unik::manifests
