// The images of a build: which ones, under which names, and their writing. All of them hold the
// same disk; what differs is the container.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <cli/progress.hpp>
#include <disk/layout.hpp>
#include <manifests/catalogue.hpp>
#include <support/result.hpp>
#include <unikfile/manifest.hpp>

namespace unik::cli {

using Images = std::vector<manifests::TargetImage>;

// "virtualbox", "virtualbox:ova"; each once, in the order of the names. Errors: unknown-target,
// unknown-image, same-file-name for two whose files would have one name.
Result<Images> find_images(const manifests::Catalogue& catalogue,
                           const std::vector<std::string>& names);

std::vector<const manifests::Target*> targets_of(const Images& images);

// "disk-qemu.qcow2".
std::string disk_file_name(const manifests::TargetImage& image);

// Writes each into the folder, as a stage of its own.
Result<void> write_images(disk::Layout& layout, const Images& images,
                          const unikfile::Manifest& manifest, const std::filesystem::path& folder,
                          Progress& progress);

} // namespace unik::cli
