#include <manifests/resolve.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <support/text.hpp>
#include <support/utf8.hpp>

namespace unik::manifests {
namespace {

using Kind = Hardware::Kind;

struct List {
    std::string_view key;
    std::string_view holds; // for people
    bool (*takes)(Kind kind);
};

constexpr List k_lists[] = {
    {"firmware", "firmware", [](Kind kind) { return kind == Kind::firmware; }},
    {"machines", "machines", [](Kind kind) { return kind == Kind::machine; }},
    {"disks", "disk controllers", [](Kind kind) { return kind == Kind::disk; }},
    {"networks", "network cards", [](Kind kind) { return kind == Kind::network; }},
    {"hardware", "buses and other devices",
     [](Kind kind) { return kind == Kind::bus || kind >= Kind::random; }},
};

// Nobody asks for a door or a console by a wanted name: it is there or of no use.
bool is_needed(Kind kind) {
    return kind == Kind::firmware || kind == Kind::console;
}

void add(const std::vector<std::string>& names, std::vector<std::string>& all) {
    for (const std::string& name : names)
        if (std::find(all.begin(), all.end(), name) == all.end())
            all.push_back(name);
}

void resolve_list(YamlReader& reader, const YamlNode& names, const List& list,
                  const std::map<std::string, Hardware>& hardware, Target& target) {
    std::vector<std::string> fitting;
    for (const auto& [name, piece] : hardware)
        if (list.takes(piece.kind))
            fitting.push_back(name);
    for (const YamlNode& node : names.sequence) {
        if (node.kind != YamlNode::Kind::scalar)
            continue; // reported when it was read
        const auto found = hardware.find(node.scalar);
        if (found != hardware.end() && list.takes(found->second.kind)) {
            add(found->second.components,
                is_needed(found->second.kind) ? target.needed : target.drivers);
            continue;
        }
        const std::string meant = did_you_mean(node.scalar, fitting);
        reader.report(node, "unknown-hardware",
                      fmt::format("{} is not among the {} that manifests/hardware describes",
                                  in_quotes(node.scalar), list.holds),
                      meant.empty() ? fmt::format("there is {}", listing(fitting)) : meant);
    }
}

} // namespace

void resolve(YamlReader& reader, const YamlNode& root,
             const std::map<std::string, Hardware>& hardware, Target& target) {
    for (const List& list : k_lists)
        if (const YamlNode* names = root.find(list.key); names != nullptr)
            resolve_list(reader, *names, list, hardware, target);
}

} // namespace unik::manifests
