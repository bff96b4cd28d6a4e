#include <support/open_file.hpp>

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace unik {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_block_size = 256 << 10;
constexpr Bytes k_most_in_memory{256 << 20};

Result<Descriptor> file_without_name(Bytes data) {
    if (data <= k_most_in_memory) {
        Descriptor file(::memfd_create("unik", MFD_CLOEXEC | MFD_ALLOW_SEALING));
        if (file.is_open())
            return file;
    }
    std::error_code status;
    const fs::path folder = fs::temp_directory_path(status);
    Descriptor file(status ? -1 : ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!file.is_open())
        return file_error("create a file in", folder, status ? status.value() : errno);
    return file;
}

Result<void> write_all(int file, std::uint64_t offset, ByteSpan bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return file_error("write a copy in", fs::temp_directory_path(), errno);
        offset += static_cast<std::uint64_t>(put);
        bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return {};
}

bool is_zero(ByteSpan bytes) {
    for (const std::uint8_t byte : bytes)
        if (byte != 0)
            return false;
    return true;
}

// Calls take(offset, bytes) for each block.
template <typename Take>
Result<void> for_each_block(const OpenFile& file, Take take) {
    ByteVector block(k_block_size);
    for (std::uint64_t at = 0; at < file.size().value; at += k_block_size) {
        const std::size_t length =
            static_cast<std::size_t>(std::min<std::uint64_t>(k_block_size, file.size().value - at));
        const std::span<std::uint8_t> part(block.data(), length);
        UNIK_TRY(file.read(at, part));
        UNIK_TRY(take(at, ByteSpan(part)));
    }
    return {};
}

} // namespace

OpenFile::OpenFile(Descriptor file, Bytes size, std::string name)
    : file_(std::move(file)), size_(size), name_(std::move(name)) {}

Result<OpenFile> OpenFile::checked(Descriptor file, std::string name) {
    struct stat status {};
    if (::fstat(file.get(), &status) != 0)
        return file_error("read", name, errno);
    if (!S_ISREG(status.st_mode))
        return make_error("not-a-file", fmt::format("'{}' is not a regular file", name));
    return OpenFile(std::move(file), Bytes{static_cast<std::uint64_t>(status.st_size)},
                    std::move(name));
}

// O_NONBLOCK: a pipe that nobody writes to is refused, not waited for.
Result<OpenFile> OpenFile::open(const fs::path& path) {
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.is_open())
        return file_error("read", path, errno);
    return checked(std::move(file), path.string());
}

Result<OpenFile> OpenFile::open_in(int folder, const std::string& name,
                                   const fs::path& folder_path) {
    const fs::path shown = folder_path / name;
    if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos)
        return make_error("not-a-file", fmt::format("'{}' is no name of a file", name));
    Descriptor file(::openat(folder, name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
    if (!file.is_open() && errno == ELOOP)
        return make_error("not-a-file", fmt::format("'{}' is a symbolic link, expected the file "
                                                    "itself",
                                                    shown.string()));
    if (!file.is_open())
        return file_error("read", shown, errno);
    return checked(std::move(file), shown.string());
}

Result<void> OpenFile::read(std::uint64_t offset, std::span<std::uint8_t> out) const {
    while (!out.empty()) {
        const ssize_t got =
            ::pread(file_.get(), out.data(), out.size(), static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return file_error("read", name_, errno);
        if (got == 0)
            return make_error("file-error",
                              fmt::format("'{}' became shorter while it was read", name_),
                              "let what writes it come to its end, and try again");
        offset += static_cast<std::uint64_t>(got);
        out = out.subspan(static_cast<std::size_t>(got));
    }
    return {};
}

Result<ByteVector> OpenFile::read_all(Bytes limit) const {
    if (size_ > limit)
        return make_error("file-too-large", fmt::format("'{}' is larger than the {} that fit here",
                                                        name_, to_text(limit)));
    ByteVector bytes(static_cast<std::size_t>(size_.value));
    UNIK_TRY(read(0, bytes));
    return bytes;
}

Result<Digest> OpenFile::digest() const {
    Sha256 hash;
    UNIK_TRY(for_each_block(*this, [&](std::uint64_t, ByteSpan bytes) -> Result<void> {
        hash.update(bytes);
        return {};
    }));
    return hash.finish();
}

Result<OpenFile::Copied> OpenFile::copy() const {
    struct stat status {};
    if (::fstat(file_.get(), &status) != 0)
        return file_error("read", name_, errno);
    const Bytes data{static_cast<std::uint64_t>(status.st_blocks) * 512};
    Descriptor made = UNIK_TRY(file_without_name(data));
    Sha256 hash;
    UNIK_TRY(for_each_block(*this, [&](std::uint64_t at, ByteSpan bytes) -> Result<void> {
        hash.update(bytes);
        return is_zero(bytes) ? Result<void>() : write_all(made.get(), at, bytes);
    }));
    if (::ftruncate(made.get(), static_cast<off_t>(size_.value)) != 0)
        return file_error("copy", name_, errno);
    // Does nothing to a file on a disk, which has no name that somebody could open it by.
    ::fcntl(made.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    return Copied{OpenFile(std::move(made), size_, name_), hash.finish()};
}

fs::path OpenFile::path() const {
    return fmt::format("/proc/self/fd/{}", file_.get());
}

Result<void> OpenFile::make_inheritable() const {
    if (::fcntl(file_.get(), F_SETFD, 0) != 0)
        return file_error("hand over", name_, errno);
    return {};
}

} // namespace unik
