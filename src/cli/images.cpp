#include <cli/images.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <cli/session.hpp>
#include <disk/formats.hpp>

namespace unik::cli {
namespace {

namespace fs = std::filesystem;

Result<void> check_file_names(const Images& images) {
    for (std::size_t i = 0; i < images.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (disk_file_name(images[i]) == disk_file_name(images[j]))
                return make_error("same-file-name",
                                  fmt::format("the images '{0}:{1}' and '{0}:{2}' would both be "
                                              "the file {3}",
                                              images[i].target->name, images[j].format,
                                              images[i].format, disk_file_name(images[i])),
                                  "build one of them, and the other into another bundle",
                                  ExitCode::usage);
    return {};
}

// The machine that an OVA describes: what the target calls its hardware, and what the image asks
// for.
disk::Appliance appliance(const manifests::Target& target, const unikfile::Manifest& manifest) {
    disk::Appliance out;
    out.name = manifest.name;
    out.version = manifest.version;
    out.memory = manifest.resources.memory;
    out.cpus = manifest.resources.cpus;
    const auto set = [&](const char* key, std::string& member) {
        if (const auto value = target.appliance.find(key); value != target.appliance.end())
            member = value->second;
    };
    set("system_type", out.system_type);
    set("disk_controller", out.disk_controller);
    set("network_card", out.network_card);
    set("firmware", out.firmware);
    return out;
}

Result<void> write_image(disk::Layout& layout, const manifests::TargetImage& image,
                         const unikfile::Manifest& manifest, const fs::path& path) {
    const disk::Format* format = UNIK_TRY(disk::find_format(image.format));
    disk::WriteOptions options;
    options.file_name = path.filename().string();
    options.appliance = appliance(*image.target, manifest);
    return disk::write_image(layout, *format, options, path);
}

std::string stage_name(const manifests::TargetImage& image) {
    const bool usual = image.format == image.target->images.at(0);
    return fmt::format("disk {}{}{}", image.target->name, usual ? "" : ":",
                       usual ? "" : image.format);
}

} // namespace

Result<Images> find_images(const manifests::Catalogue& catalogue,
                           const std::vector<std::string>& names) {
    Images images;
    for (const std::string& name : names) {
        const manifests::TargetImage image = UNIK_TRY(find_image(catalogue, name));
        if (std::find(images.begin(), images.end(), image) == images.end())
            images.push_back(image);
    }
    UNIK_TRY(check_file_names(images));
    return images;
}

std::vector<const manifests::Target*> targets_of(const Images& images) {
    std::vector<const manifests::Target*> targets;
    for (const manifests::TargetImage& image : images)
        if (std::find(targets.begin(), targets.end(), image.target) == targets.end())
            targets.push_back(image.target);
    return targets;
}

std::string disk_file_name(const manifests::TargetImage& image) {
    const auto format = disk::find_format(image.format);
    return fmt::format("disk-{}.{}", image.target->name,
                       format.ok() ? std::string((*format)->extension) : image.format);
}

Result<void> write_images(disk::Layout& layout, const Images& images,
                          const unikfile::Manifest& manifest, const fs::path& folder,
                          Progress& progress) {
    for (const manifests::TargetImage& image : images) {
        const std::string name = disk_file_name(image);
        UNIK_TRY(stage(
            progress, stage_name(image),
            [&] { return write_image(layout, image, manifest, folder / name); },
            [&] {
                std::error_code ignored;
                return fmt::format("{}, {}", name,
                                   to_text(Bytes{fs::file_size(folder / name, ignored)}));
            }));
    }
    return {};
}

} // namespace unik::cli
