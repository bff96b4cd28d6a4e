// The files that a machine starts from: the bundle's disk for the target, the firmware's own.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <bundle/bundle.hpp>
#include <manifests/catalogue.hpp>
#include <support/result.hpp>

namespace unik::machine {

struct BootDisk {
    std::filesystem::path path;
    std::string qemu_format; // empty: QEMU does not open it as it is, see unpack()
};

// The first of the target's images in the bundle that QEMU opens, else the first. Error no-disk
// when the bundle was not built for the target.
Result<BootDisk> disk_of(const bundle::Image& image, const std::filesystem::path& bundle,
                         const manifests::Target& target);

// Writes the disk that the image holds as a raw one.
Result<void> unpack(const std::filesystem::path& image, const std::filesystem::path& raw);

// The first of the firmware's alternatives that is there, else the first.
std::map<std::string, std::string> files_of(const manifests::Hardware& firmware);

// Error missing-tool with the package that brings the files.
Result<void> check_files(const manifests::Hardware& firmware);

} // namespace unik::machine
