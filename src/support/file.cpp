#include <support/file.hpp>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace unik {
namespace {

namespace fs = std::filesystem;

class Descriptor {
public:
    explicit Descriptor(int value) : value_(value) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (value_ >= 0)
            ::close(value_);
    }
    int get() const { return value_; }

private:
    int value_;
};

std::string hint_for(int error_number) {
    switch (error_number) {
    case ENOSPC: return "free space on that file system, or choose another with --output";
    case EACCES:
    case EPERM:
    case EROFS: return "choose a folder that you may write to, or mend its permissions";
    default: return {};
    }
}

template <typename Container>
Result<Container> read_whole(const fs::path& path, Bytes limit) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.get() < 0)
        return file_error("read", path, errno);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0)
        return file_error("read", path, errno);
    if (!S_ISREG(status.st_mode))
        return make_error("not-a-file", fmt::format("'{}' is not a regular file", path.string()));
    Container content;
    const auto expected = static_cast<std::uint64_t>(status.st_size);
    content.resize(static_cast<std::size_t>(std::min(expected, limit.value) + 1));
    std::size_t filled = 0;
    for (;;) {
        const ssize_t got = ::read(file.get(), content.data() + filled, content.size() - filled);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return file_error("read", path, errno);
        if (got == 0)
            break;
        filled += static_cast<std::size_t>(got);
        if (filled > limit.value)
            return make_error("file-too-large",
                              fmt::format("'{}' is larger than the {} that fit here", path.string(),
                                          to_text(limit)));
        if (filled == content.size())
            content.resize(content.size() * 2);
    }
    content.resize(filled);
    return content;
}

} // namespace

Error file_error(std::string_view action, const fs::path& path, int error_number) {
    return make_error(
        "file-error",
        fmt::format("cannot {} '{}': {}", action, path.string(), std::strerror(error_number)),
        hint_for(error_number));
}

Result<ByteVector> read_file(const fs::path& path, Bytes limit) {
    return read_whole<ByteVector>(path, limit);
}

Result<std::string> read_text_file(const fs::path& path, Bytes limit) {
    return read_whole<std::string>(path, limit);
}

AtomicFile::AtomicFile(int descriptor, fs::path target, fs::path temporary)
    : descriptor_(descriptor), target_(std::move(target)), temporary_(std::move(temporary)) {}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), target_(std::move(other.target_)),
      temporary_(std::move(other.temporary_)), position_(other.position_) {}

AtomicFile::~AtomicFile() {
    if (descriptor_ < 0)
        return;
    ::close(descriptor_);
    if (!temporary_.empty())
        ::unlink(temporary_.c_str());
}

Result<AtomicFile> AtomicFile::create(const fs::path& path) {
    const fs::path folder = path.has_parent_path() ? path.parent_path() : ".";
    const bool nameable = ::access("/proc/self/fd", X_OK) == 0; // give_name() needs it
    const int nameless =
        nameable ? ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1;
    if (nameless >= 0)
        return AtomicFile(nameless, path, {});
    std::string name = path.string() + ".XXXXXX";
    const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor < 0)
        return file_error("write", path, errno);
    return AtomicFile(descriptor, path, name);
}

Result<void> AtomicFile::write(ByteSpan bytes) {
    UNIK_TRY(write_at(position_, bytes));
    position_ += bytes.size();
    return {};
}

Result<void> AtomicFile::write(std::string_view text) {
    return write(ByteSpan(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

Result<void> AtomicFile::write_at(std::uint64_t offset, ByteSpan bytes) {
    while (!bytes.empty()) {
        const ssize_t put =
            ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return file_error("write", target_, errno);
        offset += static_cast<std::uint64_t>(put);
        bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return {};
}

Result<void> AtomicFile::resize(Bytes size) {
    if (::ftruncate(descriptor_, static_cast<off_t>(size.value)) != 0)
        return file_error("write", target_, errno);
    return {};
}

// The name under which the file is renamed into place: link(2) does not replace.
Result<void> AtomicFile::give_name() {
    constexpr unsigned k_attempts = 100;
    if (!temporary_.empty())
        return {};
    const std::string self = fmt::format("/proc/self/fd/{}", descriptor_);
    for (unsigned i = 0; i < k_attempts; ++i) {
        const fs::path name = fmt::format("{}.{}-{}", target_.string(), ::getpid(), i);
        if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
            temporary_ = name;
            return {};
        }
        if (errno != EEXIST)
            break;
    }
    return file_error("write", target_, errno);
}

Result<void> AtomicFile::commit(unsigned mode, Durability durability) {
    if (::fchmod(descriptor_, static_cast<mode_t>(mode)) != 0 ||
        (durability == Durability::flushed && ::fdatasync(descriptor_) != 0))
        return file_error("write", target_, errno);
    UNIK_TRY(give_name());
    if (::close(std::exchange(descriptor_, -1)) != 0 ||
        ::rename(temporary_.c_str(), target_.c_str()) != 0) {
        const int reason = errno;
        ::unlink(temporary_.c_str());
        return file_error("write", target_, reason);
    }
    return {};
}

Result<void> write_file(const fs::path& path, ByteSpan bytes, unsigned mode) {
    AtomicFile file = UNIK_TRY(AtomicFile::create(path));
    UNIK_TRY(file.write(bytes));
    return file.commit(mode);
}

Result<void> write_file(const fs::path& path, std::string_view text, unsigned mode) {
    return write_file(
        path, ByteSpan(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()), mode);
}

TemporaryDirectory::TemporaryDirectory(fs::path path) : path_(std::move(path)) {}

TemporaryDirectory::TemporaryDirectory(TemporaryDirectory&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    if (!path_.empty())
        fs::remove_all(path_, ignored);
}

Result<TemporaryDirectory> TemporaryDirectory::create(std::string_view prefix,
                                                      const fs::path& parent) {
    std::error_code status;
    const fs::path folder = parent.empty() ? fs::temp_directory_path(status) : parent;
    std::string name = (folder / fmt::format("{}XXXXXX", prefix)).string();
    if (status || ::mkdtemp(name.data()) == nullptr)
        return file_error("create a folder in", folder, status ? status.value() : errno);
    return TemporaryDirectory(name);
}

fs::path TemporaryDirectory::release() {
    return std::exchange(path_, {});
}

} // namespace unik
