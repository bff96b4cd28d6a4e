#include <machine/boot_files.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <disk/image_reader.hpp>

namespace unik::machine {
namespace {

namespace fs = std::filesystem;

// What qemu-img calls the formats that it shares with us. An OVA and a cloud's tarball are archives
// with a disk inside.
struct QemuFormat {
    std::string_view ours;
    std::string_view qemus;
};
constexpr std::array<QemuFormat, 8> k_formats{{
    {"raw", "raw"},
    {"qcow2", "qcow2"},
    {"vmdk", "vmdk"},
    {"vmdk-stream", "vmdk"},
    {"vdi", "vdi"},
    {"vhd", "vpc"},
    {"vhd-fixed", "vpc"},
    {"vhdx", "vhdx"},
}};

bool are_there(const std::map<std::string, std::string>& files) {
    return std::all_of(files.begin(), files.end(), [](const auto& file) {
        std::error_code status;
        return fs::is_regular_file(file.second, status);
    });
}

std::vector<std::string> formats_in(const bundle::Image& image, const manifests::Target& target) {
    std::vector<std::string> formats;
    for (const std::string& format : target.images)
        if (image.disks.contains(fmt::format("{}:{}", target.name, format)))
            formats.push_back(format);
    return formats;
}

} // namespace

Result<BootDisk> disk_of(const bundle::Image& image, const fs::path& bundle,
                         const manifests::Target& target) {
    const auto formats = formats_in(image, target);
    if (formats.empty())
        return make_error("no-disk",
                          fmt::format("the bundle '{}' was not built for the target '{}'",
                                      bundle.string(), target.name),
                          fmt::format("build it with --target {}", target.name));
    for (const std::string& format : formats)
        for (const QemuFormat& known : k_formats)
            if (known.ours == format)
                return BootDisk{bundle / image.disks.at(fmt::format("{}:{}", target.name, format)),
                                std::string(known.qemus)};
    return BootDisk{bundle / image.disks.at(fmt::format("{}:{}", target.name, formats.front())),
                    {}};
}

Result<void> unpack(const fs::path& image, const fs::path& raw) {
    const disk::Image packed = UNIK_TRY(disk::Image::open(UNIK_TRY(disk::open_file(image))));
    disk::WriteOptions options;
    options.durability = Durability::cached;
    return disk::write_image(packed.content(), *UNIK_TRY(disk::find_format("raw")), options, raw);
}

std::map<std::string, std::string> files_of(const manifests::Hardware& firmware) {
    if (firmware.files.empty())
        return {};
    const auto found = std::find_if(firmware.files.begin(), firmware.files.end(), are_there);
    return found == firmware.files.end() ? firmware.files.front() : *found;
}

Result<void> check_files(const manifests::Hardware& firmware) {
    for (const auto& [name, file] : files_of(firmware)) {
        std::error_code status;
        if (fs::is_regular_file(file, status))
            continue;
        return make_error(
            "missing-tool",
            fmt::format("the firmware '{}' is not installed: there is no {}", firmware.name, file),
            fmt::format("install it: apt-get install {}", fmt::join(firmware.packages, " ")),
            ExitCode::missing_tool);
    }
    return {};
}

} // namespace unik::machine
