// How hardware and targets are read.
#include <manifests/fields.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <support/text.hpp>
#include <support/utf8.hpp>

namespace unik::manifests {
namespace {

constexpr std::array<std::string_view, 8> k_kinds{"machine", "firmware", "bus",     "disk",
                                                  "network", "random",   "console", "power"};

void read_kind(YamlReader& reader, const YamlNode& node, Hardware& hardware) {
    const auto text = reader.text(node);
    if (!text)
        return;
    const auto found = std::find(k_kinds.begin(), k_kinds.end(), *text);
    if (found == k_kinds.end())
        return reader.report(node, "bad-value",
                             fmt::format("unknown kind of hardware {}", in_quotes(*text)),
                             fmt::format("one of {}", fmt::join(k_kinds, ", ")));
    hardware.kind = static_cast<Hardware::Kind>(found - k_kinds.begin());
}

// A component that does not exist would only be found when an image needs it.
void read_components(YamlReader& reader, const YamlNode& node, Hardware& hardware) {
    hardware.components = reader.text_list(node);
    for (const YamlNode& element : node.sequence)
        if (element.kind == YamlNode::Kind::scalar &&
            find_embedded(fmt::format("components/{}/component.yaml", element.scalar)) == nullptr)
            reader.report(element, "unknown-component",
                          fmt::format("unknown component {}", in_quotes(element.scalar)),
                          "'unik components' lists what there is");
}

void read_talks(YamlReader& reader, const YamlNode& node, Hardware& hardware) {
    hardware.talks = reader.boolean(node).value_or(false);
}

void read_qemu(YamlReader& reader, const YamlNode& node, Hardware& hardware) {
    if (node.kind != YamlNode::Kind::mapping)
        return reader.report_type(node, "a mapping from machines to lists of arguments");
    for (const auto& [key, value] : node.mapping)
        hardware.qemu[key.scalar] = reader.text_list(value);
}

void read_files(YamlReader& reader, const YamlNode& node, Hardware& hardware) {
    if (node.kind != YamlNode::Kind::sequence)
        return reader.report_type(node, "a list of alternatives, each a mapping to files");
    for (const YamlNode& element : node.sequence) {
        auto& alternative = hardware.files.emplace_back();
        for (auto& [name, file] : reader.text_map(element))
            alternative[std::move(name)] = std::move(file);
    }
}

void read_architecture(YamlReader& reader, const YamlNode& node, Target& target) {
    target.architecture = reader.text(node).value_or("");
    if (!target.architecture.empty() && target.architecture != "x86_64")
        reader.report(node, "unknown-architecture",
                      fmt::format("unknown architecture {}", in_quotes(target.architecture)),
                      "this version knows x86_64");
}

// A list from which the first is taken holds one at least.
template <auto member>
void choices_into(YamlReader& reader, const YamlNode& node, Target& target) {
    target.*member = reader.text_list(node);
    if (node.kind == YamlNode::Kind::sequence && node.sequence.empty())
        reader.report(node, "wrong-type", "expected at least one, found an empty list");
}

struct Limits {
    std::optional<Bytes> least;
    std::optional<Bytes> most;
};

template <auto member>
void size_into(YamlReader& reader, const YamlNode& node, Limits& out) {
    out.*member = reader.size(node);
}

constexpr YamlField<Limits> k_limit_fields[] = {
    {{.key = "least", .type = "size", .example = "32M"}, size_into<&Limits::least>},
    {{.key = "most", .type = "size", .example = "64G"}, size_into<&Limits::most>},
};

void read_memory(YamlReader& reader, const YamlNode& node, Target& target) {
    Limits limits;
    reader.read_fields(node, std::span<const YamlField<Limits>>(k_limit_fields), limits);
    target.least_memory = limits.least.value_or(Bytes{});
    target.most_memory = limits.most;
}

void read_cpus(YamlReader& reader, const YamlNode& node, Target& target) {
    if (const auto cpus = reader.integer(node, 1, 255))
        target.most_cpus = static_cast<unsigned>(*cpus);
}

constexpr YamlField<Combination> k_combination_fields[] = {
    {{.key = "firmware", .type = "hardware", .presence = Presence::required, .example = "bios"},
     text_into<&Combination::firmware>},
    {{.key = "machine", .type = "hardware", .presence = Presence::required, .example = "q35"},
     text_into<&Combination::machine>},
    {{.key = "disk", .type = "hardware", .presence = Presence::required, .example = "nvme"},
     text_into<&Combination::disk>},
    {{.key = "network", .type = "hardware"}, text_into<&Combination::network>},
};

void read_tested(YamlReader& reader, const YamlNode& node, Target& target) {
    if (node.kind != YamlNode::Kind::sequence)
        return reader.report_type(node, "a list of combinations");
    for (const YamlNode& element : node.sequence)
        reader.read_fields(element, std::span<const YamlField<Combination>>(k_combination_fields),
                           target.tested.emplace_back());
}

constexpr YamlField<Hardware> k_hardware_fields[] = {
    {{.key = "name", .type = "text", .presence = Presence::required, .example = "nvme"},
     text_into<&Hardware::name>},
    {{.key = "summary", .type = "text", .presence = Presence::required, .example = "NVMe disk"},
     text_into<&Hardware::summary>},
    {{.key = "kind", .type = "text", .presence = Presence::required, .example = "disk"}, read_kind},
    {{.key = "components", .type = "list of components"}, read_components},
    {{.key = "bus", .type = "text"}, text_into<&Hardware::bus>},
    {{.key = "firmware", .type = "list of hardware"}, text_list_into<&Hardware::firmware>},
    {{.key = "talks", .type = "true or false"}, read_talks},
    {{.key = "qemu", .type = "mapping"}, read_qemu},
    {{.key = "files", .type = "list of mappings"}, read_files},
    {{.key = "packages", .type = "list of packages"}, text_list_into<&Hardware::packages>},
};

constexpr YamlField<Target> k_target_fields[] = {
    {{.key = "name", .type = "text", .presence = Presence::required, .example = "qemu"},
     text_into<&Target::name>},
    {{.key = "summary", .type = "text", .presence = Presence::required, .example = "QEMU"},
     text_into<&Target::summary>},
    {{.key = "architecture", .type = "text", .presence = Presence::required, .example = "x86_64"},
     read_architecture},
    {{.key = "images",
      .type = "list of formats",
      .presence = Presence::required,
      .example = "[qcow2, raw]"},
     choices_into<&Target::images>},
    {{.key = "firmware",
      .type = "list of hardware",
      .presence = Presence::required,
      .example = "[bios, uefi]"},
     choices_into<&Target::firmware>},
    {{.key = "machines",
      .type = "list of hardware",
      .presence = Presence::required,
      .example = "[q35]"},
     choices_into<&Target::machines>},
    {{.key = "disks",
      .type = "list of hardware",
      .presence = Presence::required,
      .example = "[virtio-blk]"},
     choices_into<&Target::disks>},
    {{.key = "networks",
      .type = "list of hardware",
      .presence = Presence::required,
      .example = "[virtio-net]"},
     text_list_into<&Target::networks>},
    {{.key = "hardware", .type = "list of hardware"}, text_list_into<&Target::hardware>},
    {{.key = "program", .type = "text"}, text_into<&Target::program>},
    {{.key = "packages", .type = "list of packages"}, text_list_into<&Target::packages>},
    {{.key = "appliance", .type = "mapping"}, text_map_into<&Target::appliance>},
    {{.key = "memory", .type = "mapping"}, read_memory},
    {{.key = "cpus", .type = "number"}, read_cpus},
    {{.key = "not_yet", .type = "list of text"}, text_list_into<&Target::not_yet>},
    {{.key = "tested", .type = "list of combinations"}, read_tested},
};

} // namespace

std::span<const YamlField<Hardware>> hardware_fields() {
    return k_hardware_fields;
}

std::span<const YamlField<Target>> target_fields() {
    return k_target_fields;
}

} // namespace unik::manifests
