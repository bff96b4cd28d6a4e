// The folder beside the destination in which a bundle is built: ".NAME.unik.XXXXXX".
#pragma once

#include <filesystem>

#include <support/owned_folder.hpp>
#include <support/result.hpp>

namespace unik::bundle {

class StagingFolder {
public:
    // Removes what dead builds of this destination left behind, too.
    static Result<StagingFolder> create(const std::filesystem::path& destination);

    const std::filesystem::path& path() const { return folder_.path(); }
    // Makes the folder's content appear under destination at once; what was there is removed.
    Result<void> swap_in(const std::filesystem::path& destination);

private:
    explicit StagingFolder(OwnedFolder folder) : folder_(std::move(folder)) {}
    OwnedFolder folder_;
};

} // namespace unik::bundle
