// A temporary folder whose owner can be told alive from dead.
//
// The owner holds a lock (flock) on the folder itself for as long as it lives, and the kernel drops
// the lock when the owner dies, however it dies. So a folder of the same form whose lock can be
// taken has been left behind, and whoever comes next removes it.
#pragma once

#include <filesystem>
#include <string_view>

#include <support/file.hpp>
#include <support/result.hpp>

namespace unik {

class OwnedFolder {
public:
    // parent/prefixXXXXXX, mode 0700.
    static Result<OwnedFolder> create(std::string_view prefix, const std::filesystem::path& parent);
    OwnedFolder(OwnedFolder&& other) noexcept;
    OwnedFolder& operator=(OwnedFolder&&) = delete;
    ~OwnedFolder(); // removes the folder with all it holds

    const std::filesystem::path& path() const { return folder_.path(); }
    // Gives the folder away: it is no longer removed.
    void release() { folder_.release(); }

private:
    OwnedFolder(TemporaryDirectory folder, int lock);
    TemporaryDirectory folder_;
    int lock_;
};

// Removes the folders of this form in parent whose owners are gone.
void remove_abandoned_folders(std::string_view prefix, const std::filesystem::path& parent);

} // namespace unik
