#include <toolchain/workspace.hpp>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <support/file.hpp>
#include <support/sha256.hpp>

namespace unik::toolchain {
namespace {

namespace fs = std::filesystem;

// XDG Base Directory Specification: a relative path counts as not set.
Result<fs::path> cache_folder() {
    for (const auto& [variable, below] : {std::pair{"XDG_CACHE_HOME", ""}, {"HOME", ".cache"}}) {
        const char* value = std::getenv(variable);
        if (value != nullptr && fs::path(value).is_absolute())
            return fs::path(value) / below / "unik" / "build";
    }
    return make_error("no-cache",
                      "expected a folder for what is built, found neither "
                      "$XDG_CACHE_HOME nor $HOME",
                      "set XDG_CACHE_HOME to an absolute path");
}

Result<int> lock(const fs::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return file_error("write", file, errno);
    while (::flock(descriptor, LOCK_EX) != 0) {
        if (errno == EINTR)
            continue;
        const int reason = errno;
        ::close(descriptor);
        return file_error("lock", file, reason);
    }
    return descriptor;
}

} // namespace

Workspace::Workspace(fs::path out, fs::path tools, int lock)
    : out_(std::move(out)), tools_(std::move(tools)), lock_(lock) {}

Workspace::Workspace(Workspace&& other) noexcept
    : out_(std::move(other.out_)), tools_(std::move(other.tools_)),
      lock_(std::exchange(other.lock_, -1)) {}

Workspace::~Workspace() {
    if (lock_ >= 0)
        ::close(lock_);
}

Result<Workspace> Workspace::open(const std::string& key) {
    Sha256 hash;
    hash.update(key);
    const fs::path folder = UNIK_TRY(cache_folder()) / to_hex(hash.finish()).substr(0, 24);
    for (const char* name : {"out", "tools"}) {
        std::error_code status;
        fs::create_directories(folder / name, status);
        if (status)
            return file_error("create the folder", folder / name, status.value());
    }
    const int descriptor = UNIK_TRY(lock(folder / "lock"));
    return Workspace(folder / "out", folder / "tools", descriptor);
}

} // namespace unik::toolchain
