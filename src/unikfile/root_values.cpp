// Values of the keys about the root file system: 'root' and 'tmpfs'.
#include <unikfile/values.hpp>

#include <array>

#include <fmt/format.h>

#include <support/text.hpp>
#include <support/utf8.hpp>

namespace unik::unikfile {
namespace {

struct RootName {
    std::string_view name;
    RootForm form;
};
constexpr std::array k_root_names{RootName{"auto", RootForm::automatic},
                                  RootName{"embedded", RootForm::embedded},
                                  RootName{"disk", RootForm::disk}};

// Folders that are the kernel's own, and those that are in memory anyway.
constexpr std::array<std::string_view, 3> k_system_folders{"/dev", "/proc", "/sys"};
constexpr std::array<std::string_view, 3> k_memory_folders{"/dev/shm", "/run", "/tmp"};

bool is_below(std::string_view path, std::string_view folder) {
    return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

// Why a folder cannot be mounted in memory; empty: it can.
std::string refusal(const std::string& path, const std::map<std::string, Bytes>& others) {
    if (path == "/")
        return "the root itself cannot be a tmpfs: it holds the image's files";
    for (const std::string_view folder : k_memory_folders) {
        if (path == folder)
            return {};
        if (is_below(path, folder))
            return fmt::format("{} lies in {}, which is in memory already", in_quotes(path),
                               in_quotes(folder));
    }
    for (const std::string_view folder : k_system_folders)
        if (path == folder || is_below(path, folder))
            return fmt::format("{} lies in {}, which the kernel fills itself", in_quotes(path),
                               in_quotes(folder));
    for (const auto& [other, size] : others)
        if (is_below(path, other) || is_below(other, path))
            return fmt::format("{} and {} lie one in the other", in_quotes(path), in_quotes(other));
    return {};
}

} // namespace

std::optional<RootForm> read_root_form(YamlReader& reader, const YamlNode& node) {
    const auto text = reader.text(node);
    if (!text)
        return std::nullopt;
    std::vector<std::string> names;
    for (const RootName& known : k_root_names) {
        if (known.name == *text)
            return known.form;
        names.emplace_back(known.name);
    }
    reader.report(node, "unknown-root",
                  fmt::format("expected 'auto', 'embedded' or 'disk', found {}", in_quotes(*text)),
                  did_you_mean(*text, names));
    return std::nullopt;
}

std::map<std::string, Bytes> read_memory_folders(YamlReader& reader, const YamlNode& node) {
    std::map<std::string, Bytes> out;
    if (node.kind != YamlNode::Kind::mapping) {
        reader.report_type(node, "a mapping from folders to sizes",
                           "write it as 'tmpfs: {/var/cache: 64M}'");
        return out;
    }
    for (const auto& [key, value] : node.mapping) {
        const auto path = read_image_path(reader, key);
        const auto size = read_size(reader, value);
        if (!path || !size)
            continue;
        if (const std::string why = refusal(*path, out); !why.empty())
            reader.report(key, "bad-path", why, "name the folder that the program writes to");
        else if (!out.emplace(*path, *size).second)
            reader.report(key, "repeated-name", fmt::format("{} is given twice", in_quotes(*path)));
    }
    return out;
}

} // namespace unik::unikfile
