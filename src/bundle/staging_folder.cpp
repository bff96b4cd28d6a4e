#include <bundle/staging_folder.hpp>

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace unik::bundle {
namespace {

namespace fs = std::filesystem;

Result<void> flush_folder(const fs::path& path) {
    const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
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

Result<StagingFolder> StagingFolder::create(const fs::path& destination) {
    const std::string prefix = fmt::format(".{}.", destination.filename().string());
    remove_abandoned_folders(prefix, destination.parent_path());
    return StagingFolder(UNIK_TRY(OwnedFolder::create(prefix, destination.parent_path())));
}

Result<void> StagingFolder::swap_in(const fs::path& destination) {
    if (::chmod(path().c_str(), 0755) != 0)
        return file_error("write", path(), errno);
    UNIK_TRY(flush_folder(path()));
    const auto rename_as = [&](unsigned flags) {
        return ::renameat2(AT_FDCWD, path().c_str(), AT_FDCWD, destination.c_str(), flags) == 0;
    };
    // After an exchange our name holds the old bundle, which goes when this value dies.
    if (rename_as(RENAME_EXCHANGE))
        return flush_folder(destination.parent_path());
    if (errno == ENOENT && rename_as(RENAME_NOREPLACE)) {
        folder_.release();
        return flush_folder(destination.parent_path());
    }
    return file_error("replace", destination, errno);
}

} // namespace unik::bundle
