#include <bundle/staging_folder.hpp>

#include <cerrno>
#include <cstdio>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace unik::bundle {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_random_letters = 6; // of mkdtemp(3)

std::string prefix_of(const fs::path& destination) {
    return fmt::format(".{}.", destination.filename().string());
}

int open_folder(const fs::path& path) {
    return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

// False when the name has come to mean another folder, or none.
bool is_still_at(int folder, const fs::path& path) {
    struct stat here {};
    struct stat there {};
    return ::fstat(folder, &here) == 0 && ::lstat(path.c_str(), &there) == 0 &&
           here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

void remove_if_abandoned(const fs::path& path) {
    const int folder = open_folder(path);
    if (folder < 0)
        return;
    std::error_code ignored;
    if (::flock(folder, LOCK_EX | LOCK_NB) == 0 && is_still_at(folder, path))
        fs::remove_all(path, ignored);
    ::close(folder);
}

Result<void> flush_folder(const fs::path& path) {
    const int folder = open_folder(path);
    if (folder < 0)
        return file_error("write", path, errno);
    const int result = ::fsync(folder);
    const int reason = errno;
    ::close(folder);
    // Some file systems do not flush folders; that is no reason to fail.
    if (result != 0 && reason != EINVAL)
        return file_error("write", path, reason);
    return {};
}

} // namespace

StagingFolder::StagingFolder(TemporaryDirectory folder, int lock)
    : folder_(std::move(folder)), lock_(lock) {}

StagingFolder::StagingFolder(StagingFolder&& other) noexcept
    : folder_(std::move(other.folder_)), lock_(std::exchange(other.lock_, -1)) {}

StagingFolder::~StagingFolder() {
    if (lock_ >= 0)
        ::close(lock_);
}

Result<StagingFolder> StagingFolder::create(const fs::path& destination) {
    for (;;) {
        TemporaryDirectory folder =
            UNIK_TRY(TemporaryDirectory::create(prefix_of(destination), destination.parent_path()));
        const int lock = open_folder(folder.path());
        if (lock < 0 && errno != ENOENT)
            return file_error("write", folder.path(), errno);
        if (lock < 0)
            continue;
        // Between its creation and this lock another build may have taken the folder for an
        // abandoned one. It holds the lock while it removes it; then we begin anew.
        if (::flock(lock, LOCK_EX) != 0) {
            const int reason = errno;
            ::close(lock);
            return file_error("lock", folder.path(), reason);
        }
        StagingFolder staging(std::move(folder), lock);
        if (is_still_at(lock, staging.path()))
            return staging;
    }
}

Result<void> StagingFolder::swap_in(const fs::path& destination) {
    if (::chmod(path().c_str(), 0755) != 0)
        return file_error("write", path(), errno);
    UNIK_TRY(flush_folder(path()));
    // After an exchange our name holds the old bundle, which the destructor removes.
    const auto rename_as = [&](unsigned flags) {
        return ::renameat2(AT_FDCWD, path().c_str(), AT_FDCWD, destination.c_str(), flags) == 0;
    };
    if (rename_as(RENAME_EXCHANGE))
        return flush_folder(destination.parent_path());
    if (errno == ENOENT && rename_as(RENAME_NOREPLACE)) {
        folder_.release();
        return flush_folder(destination.parent_path());
    }
    return file_error("replace", destination, errno);
}

void remove_stale_folders(const fs::path& destination) {
    const std::string prefix = prefix_of(destination);
    std::vector<fs::path> candidates;
    std::error_code status;
    for (fs::directory_iterator entry(destination.parent_path(), status), end;
         !status && entry != end; entry.increment(status)) {
        const std::string name = entry->path().filename().string();
        if (name.size() == prefix.size() + k_random_letters && name.starts_with(prefix) &&
            entry->symlink_status(status).type() == fs::file_type::directory)
            candidates.push_back(entry->path());
    }
    for (const fs::path& path : candidates)
        remove_if_abandoned(path);
}

} // namespace unik::bundle
