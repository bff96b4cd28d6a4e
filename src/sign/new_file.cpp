#include <sign/new_file.hpp>

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <support/descriptor.hpp>
#include <support/file.hpp>

namespace unik::sign {

namespace fs = std::filesystem;

Result<void> create_file(const fs::path& path, std::string_view text, unsigned mode) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!file.is_open())
        return file_error("create", path, errno);
    const ssize_t put = ::write(file.get(), text.data(), text.size());
    if (put != static_cast<ssize_t>(text.size()) || ::fchmod(file.get(), mode) != 0 ||
        ::fsync(file.get()) != 0) {
        const int reason = put >= 0 && put < static_cast<ssize_t>(text.size()) ? ENOSPC : errno;
        ::unlink(path.c_str());
        return file_error("write", path, reason);
    }
    return {};
}

} // namespace unik::sign
