// An image's record (image.json) as people read it.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace unik::cli {

// Why each component is in the image, and what the analysis found.
std::string explanation(const nlohmann::json& document);

// Everything `unik inspect` shows.
std::string inspection(const nlohmann::json& document);

} // namespace unik::cli
