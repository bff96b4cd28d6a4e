#include <toolchain/ignore.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <support/file.hpp>
#include <support/utf8.hpp>

namespace unik::toolchain {
namespace {

namespace fs = std::filesystem;

constexpr Bytes k_size_limit{1 << 20};
constexpr const char* k_file_name = ".unikignore";

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view k_blanks = " \t\r";
    const std::size_t first = text.find_first_not_of(k_blanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(k_blanks) - first + 1);
}

// "/a//b/./c/" and "a/b/c" are the same pattern.
std::string cleaned(std::string_view pattern) {
    std::string path = fs::path(pattern).lexically_normal().string();
    while (path.size() > 1 && path.ends_with('/'))
        path.pop_back();
    if (path.size() > 1 && path.starts_with('/'))
        path.erase(0, path.find_first_not_of('/'));
    return path;
}

Diagnostic bad_pattern(const std::string& file_name, std::size_t line, std::string_view text) {
    Diagnostic problem;
    problem.id = "bad-pattern";
    problem.message = fmt::format("expected a pattern, found {}", in_quotes(trimmed(text)));
    problem.hint = "close every '[', and write '\\\\' for a backslash";
    problem.where = {file_name, line, 1, text.size(), std::string(text)};
    return problem;
}

} // namespace

Result<IgnoreRules> IgnoreRules::parse(const std::string& file_name, std::string_view text) {
    IgnoreRules rules;
    Error problems;
    if (text.starts_with("\xef\xbb\xbf"))
        text.remove_prefix(3);
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        std::string_view pattern = trimmed(line);
        if (line.starts_with('#') || pattern.empty())
            continue;
        const bool exception = pattern.starts_with('!');
        if (exception)
            pattern = trimmed(pattern.substr(1));
        auto glob = pattern.empty() ? std::nullopt : Glob::compile(cleaned(pattern));
        if (glob)
            rules.rules_.push_back({std::move(*glob), exception});
        else
            problems.diagnostics.push_back(bad_pattern(file_name, number, line));
    }
    if (!problems.diagnostics.empty())
        return problems;
    return rules;
}

Result<IgnoreRules> IgnoreRules::load(const fs::path& project) {
    const fs::path file = project / k_file_name;
    std::error_code status;
    if (!fs::exists(file, status))
        return IgnoreRules();
    const std::string text = UNIK_TRY(read_text_file(file, k_size_limit));
    return parse(file.string(), text);
}

bool IgnoreRules::excludes(std::string_view path) const {
    // A pattern applies to a path when it matches the path or a folder above it.
    const auto applies = [&](const Glob& pattern) {
        for (std::size_t end = path.find('/'); end != std::string_view::npos;
             end = path.find('/', end + 1)) {
            if (pattern.matches(path.substr(0, end)))
                return true;
        }
        return pattern.matches(path);
    };
    bool excluded = false;
    for (const Rule& rule : rules_) {
        // A rule that would change nothing need not be tried.
        if (rule.exception == excluded && applies(rule.pattern))
            excluded = !rule.exception;
    }
    return excluded;
}

bool IgnoreRules::has_exceptions() const {
    return std::any_of(rules_.begin(), rules_.end(),
                       [](const Rule& rule) { return rule.exception; });
}

} // namespace unik::toolchain
