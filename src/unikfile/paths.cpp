#include <unikfile/paths.hpp>

#include <optional>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <support/utf8.hpp>

namespace unik::unikfile {
namespace {

constexpr std::size_t k_path_limit = 4095;
constexpr std::size_t k_name_limit = 255;

// The parts between slashes, without empty ones and ".".
std::vector<std::string_view> components_of(std::string_view path) {
    std::vector<std::string_view> out;
    while (!path.empty()) {
        const std::string_view part = path.substr(0, path.find('/'));
        if (!part.empty() && part != ".")
            out.push_back(part);
        path.remove_prefix(std::min(part.size() + 1, path.size()));
    }
    return out;
}

std::optional<PathProblem> check_form(std::string_view text) {
    if (text.empty())
        return PathProblem{"bad-path", "expected a path, found an empty text", ""};
    if (text.size() > k_path_limit)
        return PathProblem{
            "bad-path",
            fmt::format("expected a path of at most {} bytes, found {}", k_path_limit, text.size()),
            ""};
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            return PathProblem{
                "bad-path",
                fmt::format("expected a path, found a control character in {}", in_quotes(text)),
                ""};
    }
    for (const std::string_view part : components_of(text)) {
        if (part.size() > k_name_limit)
            return PathProblem{"bad-path",
                               fmt::format("expected file names of at most {} bytes, found {}",
                                           k_name_limit, part.size()),
                               ""};
    }
    return std::nullopt;
}

} // namespace

vocabulary::Result<std::string, PathProblem> normalise_project_path(std::string_view text) {
    if (auto problem = check_form(text))
        return vocabulary::Failure{*problem};
    if (text.starts_with('/'))
        return vocabulary::Failure{PathProblem{
            "path-escapes",
            fmt::format("expected a path inside the project's folder, found {}", in_quotes(text)),
            "write it relative to the folder of the Unikfile"}};
    std::vector<std::string_view> kept;
    for (const std::string_view part : components_of(text)) {
        if (part != "..") {
            kept.push_back(part);
            continue;
        }
        if (kept.empty())
            return vocabulary::Failure{
                PathProblem{"path-escapes",
                            fmt::format("the path {} leaves the project's folder", in_quotes(text)),
                            "copy what it names into the project, or build from the folder above"}};
        kept.pop_back();
    }
    return kept.empty() ? std::string(".") : fmt::format("{}", fmt::join(kept, "/"));
}

vocabulary::Result<std::string, PathProblem> normalise_image_path(std::string_view text) {
    if (auto problem = check_form(text))
        return vocabulary::Failure{*problem};
    if (!text.starts_with('/'))
        return vocabulary::Failure{PathProblem{
            "bad-path",
            fmt::format("expected an absolute path in the image, found {}", in_quotes(text)),
            fmt::format("write /{}", text.substr(0, 60))}};
    const std::vector<std::string_view> parts = components_of(text);
    for (const std::string_view part : parts) {
        if (part == "..")
            return vocabulary::Failure{PathProblem{
                "path-escapes",
                fmt::format("expected a path in the image without '..', found {}", in_quotes(text)),
                "write the path out"}};
    }
    return fmt::format("/{}", fmt::join(parts, "/"));
}

} // namespace unik::unikfile
