// The folder beside the destination in which a bundle is built: ".NAME.XXXXXX".
//
// Its owner holds a lock (flock) on the folder itself for as long as it lives, and the kernel drops
// the lock when the owner dies, however it dies. So a folder of that form whose lock can be taken
// has been left behind, and the next build removes it.
#pragma once

#include <filesystem>

#include <support/file.hpp>
#include <support/result.hpp>

namespace unik::bundle {

class StagingFolder {
public:
    static Result<StagingFolder> create(const std::filesystem::path& destination);
    StagingFolder(StagingFolder&& other) noexcept;
    StagingFolder& operator=(StagingFolder&&) = delete;
    ~StagingFolder();

    const std::filesystem::path& path() const { return folder_.path(); }
    // Makes the folder's content appear under destination at once; what was there is removed.
    Result<void> swap_in(const std::filesystem::path& destination);

private:
    StagingFolder(TemporaryDirectory folder, int lock);
    TemporaryDirectory folder_;
    int lock_;
};

// Removes what dead builds of this destination left behind.
void remove_stale_folders(const std::filesystem::path& destination);

} // namespace unik::bundle
