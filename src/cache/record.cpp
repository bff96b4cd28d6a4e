// The form of a record:
//     unik-build 1
//     given DIGEST
//     linked DIGEST
//     input STAMP DIGEST PATH     any number
//     output STAMP DIGEST PATH    any number
//     end
#include <cache/record.hpp>

#include <algorithm>

#include <fmt/format.h>
#include <sys/stat.h>

#include <support/file.hpp>

namespace unik::cache {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_first_line = "unik-build 1";

std::optional<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code status;
    fs::directory_iterator entries(folder, status);
    for (; !status && entries != fs::directory_iterator(); entries.increment(status))
        names.push_back(entries->path().filename().string());
    if (status)
        return std::nullopt;
    std::sort(names.begin(), names.end());
    Digester digester;
    for (const std::string& name : names)
        digester.add(name);
    return digester.finish();
}

std::optional<std::string> digest_of(const fs::path& path) {
    std::error_code status;
    if (fs::is_directory(path, status))
        return names_in(path);
    if (!fs::is_regular_file(path, status))
        return std::nullopt;
    const auto digest = sha256_file(path);
    return digest.ok() ? std::optional(to_hex(digest.value())) : std::nullopt;
}

// Cuts the text up to the separator off; nothing when there is no separator.
std::optional<std::string> cut(std::string_view& text, char separator) {
    const std::size_t end = text.find(separator);
    if (end == std::string_view::npos)
        return std::nullopt;
    std::string part(text.substr(0, end));
    text.remove_prefix(end + 1);
    return part;
}

bool read_state(std::string_view line, std::vector<FileState>& out) {
    const auto stamp = cut(line, ' ');
    const auto digest = cut(line, ' ');
    if (!stamp || !digest || line.empty())
        return false;
    out.push_back({fs::path(line), *stamp, *digest});
    return true;
}

bool read_line(std::string_view line, Record& record) {
    const auto kind = cut(line, ' ');
    if (kind == "given")
        record.given = line;
    else if (kind == "linked")
        record.linked = line;
    else if (kind == "input")
        return read_state(line, record.inputs);
    else if (kind == "output")
        return read_state(line, record.outputs);
    else
        return false;
    return true;
}

} // namespace

Digester& Digester::add(std::string_view text) {
    hash_.update(fmt::format("{}:", text.size()));
    hash_.update(text);
    return *this;
}

std::string Digester::finish() {
    return to_hex(hash_.finish());
}

std::string stamp_of(const fs::path& path) {
    struct stat s {};
    if (::stat(path.c_str(), &s) != 0)
        return {};
    return fmt::format("{}:{}:{:o}:{}:{}.{:09}:{}.{:09}", s.st_dev, s.st_ino, s.st_mode, s.st_size,
                       s.st_mtim.tv_sec, s.st_mtim.tv_nsec, s.st_ctim.tv_sec, s.st_ctim.tv_nsec);
}

std::optional<FileState> observe(const fs::path& path) {
    FileState state{path, stamp_of(path), {}};
    auto digest = digest_of(path);
    // What changes while it is read has been seen as neither the one nor the other.
    if (state.stamp.empty() || !digest || stamp_of(path) != state.stamp)
        return std::nullopt;
    state.digest = std::move(*digest);
    return state;
}

bool is_untouched(const FileState& seen) {
    return !seen.stamp.empty() && stamp_of(seen.path) == seen.stamp;
}

bool is_same(const FileState& seen) {
    return is_untouched(seen) || digest_of(seen.path) == seen.digest;
}

std::optional<std::string> to_text(const Record& record) {
    std::string text =
        fmt::format("{}\ngiven {}\nlinked {}\n", k_first_line, record.given, record.linked);
    for (const auto& [kind, states] :
         {std::pair{"input", &record.inputs}, {"output", &record.outputs}})
        for (const FileState& state : *states) {
            if (state.path.string().find('\n') != std::string::npos)
                return std::nullopt;
            text +=
                fmt::format("{} {} {} {}\n", kind, state.stamp, state.digest, state.path.string());
        }
    return text + "end\n";
}

std::optional<Record> parse(std::string_view text) {
    Record record;
    if (cut(text, '\n') != k_first_line)
        return std::nullopt;
    while (const auto line = cut(text, '\n')) {
        if (*line == "end")
            return text.empty() ? std::optional(record) : std::nullopt;
        if (!read_line(*line, record))
            return std::nullopt;
    }
    return std::nullopt;
}

} // namespace unik::cache
