// The bundle folder NAME.unik/: image.json, kernel.elf, kernel.efi, kernel.debug, disk-TARGET.EXT.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <bundle/staging_folder.hpp>
#include <support/file.hpp>
#include <support/quantity.hpp>
#include <support/result.hpp>
#include <unikfile/manifest.hpp>

namespace unik::bundle {

// image.json is the record of the build: what unik run, inspect and later push need to know.
// Its form is documented in unik-build(1); `schema` is 1. What is checked here:
//     name, version, language    text
//     memory                     bytes;  cpus  1 to 255
//     expose                     [{"port": 8080, "protocol": "tcp"|"udp"}]
//     disks                      {"qemu:qcow2": "disk-qemu.qcow2"}: plain file names of the bundle
//     digests                    {"kernel.elf": "sha256:…"}: every file but image.json
struct Image {
    std::string name;
    std::string version;
    std::string language;
    Bytes memory;
    unsigned cpus = 1;
    std::vector<unikfile::Port> expose;
    std::map<std::string, std::string> disks;   // TARGET:FORMAT → file name
    std::map<std::string, std::string> digests; // file name → "sha256:…"
    nlohmann::json document;                    // the whole of image.json
};

// Builds a bundle in a temporary folder beside `destination` and swaps it in as a whole: whoever
// looks sees the old bundle or the new one. Destroyed without commit, it leaves the old one. What
// earlier builds left when they were killed is removed first.
class BundleWriter {
public:
    // Refuses a destination that holds something else than a bundle (not-a-bundle).
    static Result<BundleWriter> create(const std::filesystem::path& destination);
    const std::filesystem::path& staging() const; // write the files here
    // Adds digests of all files to the document, writes image.json, swaps the folder in. seal is
    // called with image.json's path before the swap, to sign it; when it fails the old bundle
    // stays.
    using Seal = std::function<Result<void>(const std::filesystem::path& record)>;
    Result<void> commit(nlohmann::json document, const Seal& seal = {});

private:
    BundleWriter(StagingFolder staging, std::filesystem::path destination);
    StagingFolder staging_;
    std::filesystem::path destination_;
};

// Reads and checks image.json and that the files it names are there (image-broken otherwise).
Result<Image> open(const std::filesystem::path& bundle);
// Checks every digest: verification refused is exit code 4.
Result<void> verify(const Image& image, const std::filesystem::path& bundle);

} // namespace unik::bundle
