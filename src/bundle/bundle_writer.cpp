#include <bundle/bundle.hpp>

#include <cerrno>

#include <fmt/format.h>

#include <support/sha256.hpp>

namespace unik::bundle {
namespace {

namespace fs = std::filesystem;

// Absolute, without "." and trailing slashes, symbolic links followed: a link to a bundle stays a
// link, and what it points to is replaced.
Result<fs::path> resolved(const fs::path& destination) {
    std::error_code status;
    fs::path path = fs::weakly_canonical(fs::absolute(destination, status), status);
    if (status)
        return file_error("write", destination, status.value());
    if (!path.has_filename())
        path = path.parent_path();
    return path;
}

Result<void> check_replaceable(const fs::path& destination) {
    std::error_code status;
    const fs::file_status found = fs::symlink_status(destination, status);
    if (found.type() == fs::file_type::not_found)
        return {};
    const bool folder = found.type() == fs::file_type::directory;
    if (folder &&
        (fs::is_empty(destination, status) ||
         fs::symlink_status(destination / "image.json", status).type() == fs::file_type::regular))
        return {};
    return make_error("not-a-bundle",
                      fmt::format("'{}' exists and is not a bundle, which would hold image.json",
                                  destination.string()),
                      "choose another place with --output, or remove it yourself");
}

Result<nlohmann::json> digests_of(const fs::path& folder) {
    nlohmann::json digests = nlohmann::json::object();
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        digests[name] = "sha256:" + to_hex(UNIK_TRY(sha256_file(entry.path())));
    }
    return digests;
}

} // namespace

BundleWriter::BundleWriter(StagingFolder staging, fs::path destination)
    : staging_(std::move(staging)), destination_(std::move(destination)) {}

Result<BundleWriter> BundleWriter::create(const fs::path& destination) {
    fs::path path = UNIK_TRY(resolved(destination));
    UNIK_TRY(check_replaceable(path));
    std::error_code status;
    fs::create_directories(path.parent_path(), status);
    if (status)
        return file_error("create", path.parent_path(), status.value());
    StagingFolder staging = UNIK_TRY(StagingFolder::create(path));
    return BundleWriter(std::move(staging), std::move(path));
}

const fs::path& BundleWriter::staging() const {
    return staging_.path();
}

Result<void> BundleWriter::commit(nlohmann::json document, const Seal& seal) {
    document["digests"] = UNIK_TRY(digests_of(staging()));
    const std::string text = document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
    UNIK_TRY(write_file(staging() / "image.json", text + "\n"));
    if (seal)
        UNIK_TRY(seal(staging() / "image.json"));
    UNIK_TRY(check_replaceable(destination_));
    return staging_.swap_in(destination_);
}

} // namespace unik::bundle
