#include <disk/random_access.hpp>

#include <algorithm>
#include <cerrno>
#include <memory>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace unik::disk {
namespace {

Result<void> read_at(int descriptor, const std::filesystem::path& path, std::uint64_t offset,
                     std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const ssize_t got = ::pread(descriptor, out.data(), out.size(), static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return file_error("read", path, got < 0 ? errno : EIO); // cut off meanwhile
        offset += static_cast<std::uint64_t>(got);
        out = out.subspan(static_cast<std::size_t>(got));
    }
    return {};
}

} // namespace

Result<RandomAccess> open_file(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return file_error("read", path, errno);
    const std::shared_ptr<const int> owner(new int(descriptor), [](const int* fd) {
        ::close(*fd);
        delete fd;
    });
    struct stat status {};
    if (::fstat(descriptor, &status) != 0)
        return file_error("read", path, errno);
    if (!S_ISREG(status.st_mode))
        return make_error("not-a-file", fmt::format("'{}' is not a regular file", path.string()));
    return RandomAccess{path.string(), Bytes{static_cast<std::uint64_t>(status.st_size)},
                        [owner, path](std::uint64_t offset, std::span<std::uint8_t> out) {
                            return read_at(*owner, path, offset, out);
                        }};
}

RandomAccess over_memory(std::string name, ByteSpan bytes) {
    return {std::move(name), Bytes{bytes.size()},
            [bytes](std::uint64_t offset, std::span<std::uint8_t> out) {
                const ByteSpan piece = bytes.subspan(offset, out.size());
                std::copy(piece.begin(), piece.end(), out.begin());
                return Result<void>();
            }};
}

} // namespace unik::disk
