#include <bundle/contents.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <bundle/image_parser.hpp>

namespace unik::bundle {
namespace {

namespace fs = std::filesystem;

constexpr const char* k_record = "image.json";
constexpr std::array<std::string_view, 2> k_signature_suffixes{".minisig", ".sig"};
constexpr std::size_t k_most_names = 10'000;

Error refused(Error error) {
    error.exit_code = ExitCode::verification_refused;
    return error;
}

Result<std::set<std::string>> names_in(int folder, const fs::path& path) {
    // A descriptor of its own, since closing the stream closes it.
    const int again = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR* stream = again < 0 ? nullptr : ::fdopendir(again);
    if (stream == nullptr) {
        const int reason = errno;
        if (again >= 0)
            ::close(again);
        return file_error("read", path, reason);
    }
    std::set<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(stream)) {
        names.insert(entry->d_name);
        if (names.size() > k_most_names)
            break;
    }
    const int reason = errno;
    ::closedir(stream);
    if (reason != 0)
        return file_error("read", path, reason);
    names.erase(".");
    names.erase("..");
    if (names.size() > k_most_names)
        return make_error("image-broken",
                          fmt::format("'{}' holds more than {} files", path.string(), k_most_names),
                          "a bundle holds a handful", ExitCode::verification_refused);
    return names;
}

// The name under which the folder stands now, whatever links led to it.
std::string own_name(int folder, const fs::path& given) {
    std::error_code status;
    fs::path path = fs::read_symlink(fmt::format("/proc/self/fd/{}", folder), status);
    if (status)
        path = given;
    std::string name = path.filename().string();
    if (name.size() > 5 && name.ends_with(".unik"))
        name.resize(name.size() - 5);
    return name;
}

// Gathers what does not agree. Files that are missing and files that were added are matched by
// their content: those are the renamed ones.
class Comparison {
public:
    Comparison(const Image& image, const fs::path& path) : image_(image), path_(path) {}

    void changed(const std::string& name, const std::string& found) {
        report("digest-mismatch",
               fmt::format("'{}' is not the file that was built: expected {}, found {}",
                           (path_ / name).string(), image_.digests.at(name), found),
               "build the bundle anew, or fetch it again");
    }
    void unreadable(const Error& error) {
        diagnostics_.insert(diagnostics_.end(), error.diagnostics.begin(), error.diagnostics.end());
    }
    void missing(const std::string& name) { missing_.insert(name); }
    // digest: empty for what is no plain file.
    void added(const std::string& name, const std::string& digest) { added_[name] = digest; }

    Result<void> conclude() {
        match_renamed();
        for (const std::string& name : missing_)
            report(
                "missing-file",
                fmt::format("'{}' is not there, but the record names it", (path_ / name).string()),
                "build the bundle anew, or fetch it again");
        for (const auto& [name, digest] : added_)
            report(
                "unexpected-file",
                fmt::format("'{}' was added: the record does not name it", (path_ / name).string()),
                "take it out of the bundle");
        if (diagnostics_.empty())
            return {};
        return Error{std::move(diagnostics_), ExitCode::verification_refused};
    }

private:
    void match_renamed() {
        for (auto found = added_.begin(); found != added_.end();) {
            const auto was = std::find_if(missing_.begin(), missing_.end(), [&](const auto& name) {
                return image_.digests.at(name) == found->second;
            });
            if (was == missing_.end()) {
                ++found;
                continue;
            }
            report(
                "renamed-file",
                fmt::format("'{}' was renamed: it is '{}'", (path_ / found->first).string(), *was),
                "give it its name back");
            missing_.erase(was);
            found = added_.erase(found);
        }
    }
    void report(std::string id, std::string message, std::string hint) {
        Diagnostic diagnostic;
        diagnostic.id = std::move(id);
        diagnostic.message = std::move(message);
        diagnostic.hint = std::move(hint);
        diagnostics_.push_back(std::move(diagnostic));
    }

    const Image& image_;
    const fs::path& path_;
    std::set<std::string> missing_;
    std::map<std::string, std::string> added_;
    std::vector<Diagnostic> diagnostics_;
};

std::string as_text(const Digest& digest) {
    return "sha256:" + to_hex(digest);
}

} // namespace

bool is_signature_name(const std::string& name) {
    return std::any_of(
        k_signature_suffixes.begin(), k_signature_suffixes.end(),
        [&](std::string_view suffix) { return name == k_record + std::string(suffix); });
}

Result<Contents> Contents::open(const fs::path& bundle) {
    Descriptor folder(::open(bundle.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const int reason = errno;
    if (!folder.is_open() && reason != ENOENT && reason != ENOTDIR)
        return file_error("open", bundle, reason);
    if (!folder.is_open() || ::faccessat(folder.get(), k_record, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
        return make_error(
            "no-bundle",
            fmt::format("'{}' is not a bundle: it holds no image.json", bundle.string()),
            "'unik build' makes one");
    const auto record = OpenFile::open_in(folder.get(), k_record, bundle);
    if (!record.ok())
        return refused(record.error());
    if (record->size() > k_largest_record)
        return refused(record->read_all(k_largest_record).error());
    OpenFile copy = UNIK_TRY(record->copy()).file;
    std::string name = own_name(folder.get(), bundle);
    return Contents(std::move(folder), bundle, std::move(name), std::move(copy));
}

Result<std::optional<OpenFile>> Contents::signature(std::string_view suffix) const {
    const std::string name = k_record + std::string(suffix);
    if (::faccessat(folder_.get(), name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) != 0)
        return std::optional<OpenFile>();
    auto file = OpenFile::open_in(folder_.get(), name, path_);
    if (!file.ok())
        return refused(file.error());
    return std::optional<OpenFile>(std::move(file).value());
}

Result<Verified> Contents::verify(const Wanted& wanted) const {
    const ByteVector text = UNIK_TRY(record_.read_all(k_largest_record));
    auto image =
        parse_image({reinterpret_cast<const char*>(text.data()), text.size()}, path_ / k_record);
    if (!image.ok())
        return refused(image.error());
    Verified out{std::move(image).value(), {}};
    std::set<std::string> names = UNIK_TRY(names_in(folder_.get(), path_));
    Comparison comparison(out.image, path_);
    for (const auto& [name, expected] : out.image.digests) {
        if (names.erase(name) == 0) {
            comparison.missing(name);
            continue;
        }
        const auto file = OpenFile::open_in(folder_.get(), name, path_);
        if (!file.ok()) {
            comparison.unreadable(file.error());
            continue;
        }
        std::string found;
        if (wanted(out.image, name)) {
            OpenFile::Copied copied = UNIK_TRY(file->copy());
            found = as_text(copied.digest);
            out.files.emplace(name, std::move(copied.file));
        } else {
            found = as_text(UNIK_TRY(file->digest()));
        }
        if (found != expected)
            comparison.changed(name, found);
    }
    for (const std::string& name : names) {
        if (name == k_record || is_signature_name(name))
            continue;
        const auto file = OpenFile::open_in(folder_.get(), name, path_);
        const auto digest = file.ok() ? file->digest() : Result<Digest>(Error());
        comparison.added(name, digest.ok() ? as_text(digest.value()) : std::string());
    }
    UNIK_TRY(comparison.conclude());
    return out;
}

} // namespace unik::bundle
