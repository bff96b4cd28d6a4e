#include <cli/image_record.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <elf/elf_file.hpp>
#include <support/sha256.hpp>

namespace unik::cli {
namespace {

using nlohmann::json;

std::string_view layer_name(components::Layer layer) {
    constexpr std::array<std::string_view, 6> k_names{"platform", "kernel", "drivers",
                                                      "services", "abi",    "extras"};
    return k_names.at(static_cast<std::size_t>(layer));
}

json component_records(const components::Selection& selection, const link::Kernel& kernel) {
    std::map<std::string, std::uint64_t> sizes;
    for (const link::ComponentSize& size : kernel.sizes)
        sizes[size.name] = size.size.value;
    json records = json::array();
    for (const components::Selected& selected : selection.components) {
        const std::string& name = selected.component->name;
        records.push_back({{"name", name},
                           {"layer", layer_name(selected.component->layer)},
                           {"summary", selected.component->summary},
                           {"size", sizes.contains(name) ? sizes[name] : 0},
                           {"reasons", selected.reasons}});
        sizes.erase(name);
    }
    for (const auto& [name, size] : sizes) // the program, its files, tables
        records.push_back({{"name", name}, {"layer", "image"}, {"size", size}});
    return records;
}

json syscall_records(const analysis::Needs& needs, const components::Selection& selection) {
    json present = json::array();
    for (const analysis::SyscallNeed& need : needs.syscalls)
        if (const auto linked = selection.syscalls.find(need.name);
            linked != selection.syscalls.end())
            present.push_back({{"name", need.name},
                               {"number", need.number},
                               {"component", linked->second},
                               {"reason", need.reason}});
    json never_made = json::array();
    for (const analysis::SyscallNeed& need : needs.syscalls)
        if (need.never_made && !selection.syscalls.contains(need.name))
            never_made.push_back({{"name", need.name}, {"reason", need.reason}});
    json unknown = json::array();
    for (const analysis::UnknownSite& site : needs.unknown)
        unknown.push_back(
            {{"address", fmt::format("{:#x}", site.address)}, {"function", site.function}});
    return {{"present", present},
            {"absent", selection.unlinked_syscalls},
            {"never_made", never_made},
            {"undetermined_sites", unknown},
            {"profile_used", needs.profile_used}};
}

std::string permissions(std::uint32_t flags) {
    return fmt::format("{}{}{}", (flags & 4) != 0 ? 'r' : '-', (flags & 2) != 0 ? 'w' : '-',
                       (flags & 1) != 0 ? 'x' : '-');
}

Result<json> layout_records(const link::Kernel& kernel, const toolchain::Application& application) {
    constexpr std::uint32_t k_load = 1;
    json records = json::array();
    const auto add = [&](const elf::ElfFile& file, std::string_view what) {
        for (const elf::Segment& segment : file.segments())
            if (segment.type == k_load)
                records.push_back({{"what", what},
                                   {"address", fmt::format("{:#x}", segment.address)},
                                   {"size", segment.memory_size},
                                   {"file_size", segment.file_size},
                                   {"permissions", permissions(segment.flags)}});
    };
    const elf::ElfFile image = UNIK_TRY(elf::ElfFile::parse(kernel.stripped, "kernel.elf"));
    const elf::ElfFile program = UNIK_TRY(elf::ElfFile::parse(application.executable, "program"));
    add(image, "kernel");
    add(program, "program");
    return records;
}

Result<json> file_records(const toolchain::Application& application) {
    using Kind = toolchain::CollectedFile::Kind;
    json records = json::array();
    for (const toolchain::CollectedFile& file : application.files) {
        json record{{"path", file.path}, {"mode", fmt::format("{:04o}", file.mode)}};
        if (file.kind == Kind::directory)
            record["kind"] = "directory";
        else if (file.kind == Kind::symbolic_link)
            record.update({{"kind", "link"}, {"target", file.link_target}});
        else {
            std::error_code status;
            record.update({{"kind", "file"},
                           {"size", std::filesystem::file_size(file.source, status)},
                           {"sha256", to_hex(UNIK_TRY(sha256_file(file.source)))}});
            if (status)
                return file_error("read", file.source, status.value());
        }
        if (!file.reason.empty())
            record["reason"] = file.reason;
        records.push_back(std::move(record));
    }
    return records;
}

// The digest proves the image on a disk, and names its partition.
json root_record(const rootfs::RootFs& root) {
    constexpr std::array<std::string_view, 3> k_places{"none", "embedded", "disk"};
    json record{{"place", k_places.at(static_cast<std::size_t>(root.place))},
                {"reason", root.reason},
                {"size", root.bytes().size()}};
    if (root.place != vocabulary::RootPlace::disk)
        return record;
    record["hash_tree"] = root.hashes.blocks.size();
    record["digest"] = to_hex(root.hashes.root);
    return record;
}

json folders_in_memory(const unikfile::Manifest& manifest) {
    json folders = json::object();
    for (const auto& [path, size] : manifest.tmpfs)
        folders[path] = size.value;
    return folders;
}

json variable_names(const unikfile::Manifest& manifest) {
    json names = json::array();
    for (const auto& [name, value] : manifest.environment)
        names.push_back(name);
    return names;
}

} // namespace

Result<json> image_record(const BuildParts& parts) {
    const unikfile::Manifest& manifest = parts.application->manifest;
    json expose = json::array();
    for (const unikfile::Port& port : manifest.expose)
        expose.push_back({{"port", port.number},
                          {"protocol", port.protocol == unikfile::Protocol::udp ? "udp" : "tcp"}});
    json disks = json::object();
    json targets = json::array();
    for (const manifests::TargetImage& image : parts.images) {
        disks[fmt::format("{}:{}", image.target->name, image.format)] = disk_file_name(image);
        if (std::find(targets.begin(), targets.end(), image.target->name) == targets.end())
            targets.push_back(image.target->name);
    }
    return json{{"schema", 1},
                {"unik", UNIK_VERSION},
                {"name", manifest.name},
                {"version", manifest.version},
                {"base", manifest.base},
                {"language", manifest.language},
                {"runtime", parts.application->runtime},
                {"architecture", "x86_64"},
                {"entrypoint", manifest.entrypoint},
                {"args", manifest.args},
                {"fixed_args", manifest.fixed_args},
                {"env", variable_names(manifest)},
                {"expose", expose},
                {"labels", manifest.labels},
                {"memory", manifest.resources.memory.value},
                {"cpus", manifest.resources.cpus},
                {"targets", targets},
                {"disks", disks},
                {"position_independent", parts.needs->position_independent},
                {"components", component_records(*parts.selection, *parts.kernel)},
                {"syscalls", syscall_records(*parts.needs, *parts.selection)},
                {"layout", UNIK_TRY(layout_records(*parts.kernel, *parts.application))},
                {"root", root_record(*parts.root)},
                {"tmpfs", folders_in_memory(manifest)},
                {"files", UNIK_TRY(file_records(*parts.application))}};
}

} // namespace unik::cli
