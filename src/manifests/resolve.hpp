// A target's names of hardware, looked up.
#pragma once

#include <manifests/catalogue.hpp>
#include <support/yaml_reader.hpp>

namespace unik::manifests {

// Reports each name that is no hardware, or of another kind than its list, and works out the
// target's components.
void resolve(YamlReader& reader, const YamlNode& root,
             const std::map<std::string, Hardware>& hardware, Target& target);

} // namespace unik::manifests
