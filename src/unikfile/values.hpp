// Readers for the kinds of value that a Unikfile holds. Each reports what is wrong and then leaves
// its destination as it was.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <support/yaml_reader.hpp>
#include <unikfile/manifest.hpp>

namespace unik::unikfile {

using Variables = std::vector<std::pair<std::string, std::string>>;

// Patterns that the JSON schema repeats.
inline constexpr std::string_view k_name_pattern = "^[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*$";
inline constexpr std::string_view k_version_pattern = "^[A-Za-z0-9_][A-Za-z0-9._-]*$";
inline constexpr std::string_view k_variable_pattern = "^[A-Za-z_][A-Za-z0-9_]*$";
inline constexpr std::string_view k_port_pattern = "^[0-9]{1,5}(/(tcp|udp))?$";
inline constexpr std::string_view k_mode_pattern = "^(0o?)?[0-7]{3,4}$";
inline constexpr std::string_view k_size_pattern = "^[0-9]+([KMGTkmg]|[KMGT]i?B|B)?$";
inline constexpr std::size_t k_name_limit = 63;
inline constexpr std::size_t k_version_limit = 128;
inline constexpr Bytes k_least_size{1ULL << 20};
inline constexpr Bytes k_most_size{1ULL << 40};
inline constexpr int k_most_cpus = 64;
inline constexpr std::string_view k_jit_exception = "jit";

std::optional<std::string> read_image_name(YamlReader& reader, const YamlNode& node);
std::optional<std::string> read_version(YamlReader& reader, const YamlNode& node);
std::optional<std::string> read_base(YamlReader& reader, const YamlNode& node);
// The name of a language, a component or a target.
// With a second name behind a colon where that is allowed: "virtualbox:ova".
enum class Qualified { no, yes };
std::optional<std::string> read_reference(YamlReader& reader, const YamlNode& node,
                                          Qualified qualified = Qualified::no);
std::vector<std::string> read_references(YamlReader& reader, const YamlNode& node,
                                         Qualified qualified = Qualified::no);
std::optional<std::string> read_command(YamlReader& reader, const YamlNode& node);
std::vector<std::string> read_arguments(YamlReader& reader, const YamlNode& node);
// A mapping, or a list of NAME=VALUE.
Variables read_variables(YamlReader& reader, const YamlNode& node);
std::optional<std::string> read_project_path(YamlReader& reader, const YamlNode& node);
std::optional<std::string> read_image_path(YamlReader& reader, const YamlNode& node);
std::optional<unsigned> read_mode(YamlReader& reader, const YamlNode& node);
std::vector<Port> read_ports(YamlReader& reader, const YamlNode& node);
// "env:NAME" or a path, which may lead out of the project: keys do not belong into it.
std::optional<std::string> read_secret_source(YamlReader& reader, const YamlNode& node);
std::optional<Bytes> read_size(YamlReader& reader, const YamlNode& node);
std::optional<RootForm> read_root_form(YamlReader& reader, const YamlNode& node);
// Folders that are mounted in memory, by normalised path, with their limits.
std::map<std::string, Bytes> read_memory_folders(YamlReader& reader, const YamlNode& node);
std::vector<std::string> read_exceptions(YamlReader& reader, const YamlNode& node);
std::map<std::string, std::string> read_labels(YamlReader& reader, const YamlNode& node);

} // namespace unik::unikfile
