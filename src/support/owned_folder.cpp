#include <support/owned_folder.hpp>

#include <cerrno>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace unik {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_random_letters = 6; // of mkdtemp(3)

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

// Another user's folder is none of our business, even where we could remove it.
bool is_ours(int folder) {
    struct stat status {};
    return ::fstat(folder, &status) == 0 && status.st_uid == ::geteuid();
}

void remove_if_abandoned(const fs::path& path) {
    const int folder = open_folder(path);
    if (folder < 0)
        return;
    std::error_code ignored;
    if (is_ours(folder) && ::flock(folder, LOCK_EX | LOCK_NB) == 0 && is_still_at(folder, path))
        fs::remove_all(path, ignored);
    ::close(folder);
}

} // namespace

OwnedFolder::OwnedFolder(TemporaryDirectory folder, int lock)
    : folder_(std::move(folder)), lock_(lock) {}

OwnedFolder::OwnedFolder(OwnedFolder&& other) noexcept
    : folder_(std::move(other.folder_)), lock_(std::exchange(other.lock_, -1)) {}

OwnedFolder::~OwnedFolder() {
    if (lock_ >= 0)
        ::close(lock_);
}

Result<OwnedFolder> OwnedFolder::create(std::string_view prefix, const fs::path& parent) {
    for (;;) {
        TemporaryDirectory folder = UNIK_TRY(TemporaryDirectory::create(prefix, parent));
        const int lock = open_folder(folder.path());
        if (lock < 0 && errno != ENOENT)
            return file_error("write", folder.path(), errno);
        if (lock < 0)
            continue;
        // Between its creation and this lock somebody may have taken the folder for an abandoned
        // one. He holds the lock while he removes it; then we begin anew.
        OwnedFolder owned(std::move(folder), lock);
        if (::flock(lock, LOCK_EX) != 0)
            return file_error("lock", owned.path(), errno);
        if (is_still_at(lock, owned.path()))
            return owned;
    }
}

void remove_abandoned_folders(std::string_view prefix, const fs::path& parent) {
    std::vector<fs::path> candidates;
    std::error_code status;
    for (fs::directory_iterator entry(parent, status), end; !status && entry != end;
         entry.increment(status)) {
        const std::string name = entry->path().filename().string();
        if (name.size() == prefix.size() + k_random_letters && name.starts_with(prefix))
            candidates.push_back(entry->path());
    }
    for (const fs::path& path : candidates)
        remove_if_abandoned(path);
}

} // namespace unik
